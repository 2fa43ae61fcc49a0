import { UsageError } from '../terminal/usage-error.ts';

/** A package.json. */
export type Manifest = Readonly<Record<string, unknown>>;

const scripts = {
  start: 'pagekeeper start',
  test: 'node --test "test/**/*.test.ts"',
  synth: 'cdk synth --quiet',
  deploy: 'cdk deploy',
};

/** What `npm init` puts there for want of anything. */
const noTest = 'echo "Error: no test specified" && exit 1';

/**
 * The package.json of a project: what was there stays, and what it lacks is added. Pure.
 *
 * @param before {} where there is none
 * @param own Pagekeeper's, which says what versions it is tried with
 * @param project.isEmpty whether no code of the user's is there that would be read in another way
 * @throws UsageError where something in it stands against the project
 */
export function manifestWith(
  before: Manifest,
  own: Manifest,
  { name, isEmpty }: { readonly name: string; readonly isEmpty: boolean },
): Manifest {
  const given = part(before, 'scripts');
  const taken = Object.keys(scripts).filter(
    (script) => given[script] !== undefined && given[script] !== noTest,
  );
  if (taken.length > 0) {
    throw new UsageError(
      `package.json has ${taken.length === 1 ? 'a script' : 'scripts'} ${taken.join(', ')} already: name another folder, or rename ${taken.length === 1 ? 'it' : 'them'} first.`,
    );
  }
  if (before['type'] !== undefined && before['type'] !== 'module' && !isEmpty) {
    throw new UsageError(
      'package.json says "type": "commonjs", and the project has ES modules: name another folder, or change it to "module" first.',
    );
  }
  const versions = { ...part(own, 'peerDependencies'), ...part(own, 'devDependencies') };
  const version = (of: string) => ({ [of]: versions[of] });
  return {
    name: packageName(name),
    private: true,
    ...before,
    type: 'module',
    scripts: { ...given, ...scripts },
    dependencies: {
      ...version('aws-cdk-lib'),
      ...version('constructs'),
      pagekeeper: `^${String(own['version'])}`,
      ...part(before, 'dependencies'),
    },
    devDependencies: {
      ...version('@types/node'),
      ...version('aws-cdk'),
      ...version('node'),
      ...part(before, 'devDependencies'),
    },
    // npm runs no install script of a package that is not named here: Node itself comes by one.
    allowScripts: { ...part(before, 'allowScripts'), ...part(own, 'allowScripts') },
  };
}

function part(manifest: Manifest, key: string): Readonly<Record<string, unknown>> {
  const value = manifest[key];
  return isManifest(value) ? value : {};
}

/** Any object. What the rest of the code asks is answered by Node 22 and later alone. */
export function isManifest(value: unknown): value is Manifest {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As npm takes it. */
function packageName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return name === '' || name === 'pagekeeper' ? 'sync' : name;
}
