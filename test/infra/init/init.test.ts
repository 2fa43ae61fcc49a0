import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { init } from '../../../infra/init/init.ts';
import { manifestWith } from '../../../infra/init/manifest.ts';
import { projectFiles, vendors } from '../../../infra/init/project-files.ts';
import { fakeOutput } from '../../support/fake-output.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runScript } from '../run-script.ts';

function run(...argv: readonly string[]) {
  const [out, err] = [fakeOutput(), fakeOutput()];
  const status = init(argv, out, err);
  const read = (stream: typeof out) => String(stream.read() ?? '');
  return { status, stdout: read(out), stderr: read(err) };
}

function json(...names: readonly string[]): unknown {
  return JSON.parse(readFileSync(path.join(...names), 'utf8'));
}

describe('pagekeeper init', () => {
  it.each(vendors)('writes all that a project of %s consists of', async (vendor) => {
    await using folder = await temporaryFolder();
    const target = path.join(folder.path, 'My Sync');
    const { status, stdout, stderr } = run(target, '--vendor', vendor);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const files = ['package.json', ...Object.keys(projectFiles(vendor))];
    for (const file of files) {
      expect(existsSync(path.join(target, file)), file).toBe(true);
      expect(stdout).toContain(`\n  ${file}\n`);
    }
    expect(files.includes('connectors/acme.ts')).toBe(vendor === 'new');
    const name = vendor === 'new' ? 'acme' : vendor;
    expect(json(target, 'cdk.json')).toMatchObject({
      context: { pagekeeper: { connections: { [name]: {} } } },
    });
    expect(json(target, 'package.json')).toMatchObject({
      name: 'my-sync',
      type: 'module',
      dependencies: { pagekeeper: expect.stringMatching(/^\^\d/), 'aws-cdk-lib': expect.any(String) },
      devDependencies: { node: expect.stringMatching(/^\^24\./), 'aws-cdk': expect.any(String) },
      allowScripts: { node: true },
    });
  });

  it('writes nothing where one of the files is there, and says which', async () => {
    await using folder = await temporaryFolder();
    await mkdir(path.join(folder.path, 'test'));
    await writeFile(path.join(folder.path, 'cdk.json'), '{}');
    await writeFile(path.join(folder.path, 'README.md'), 'mine');
    expect(run(folder.path)).toEqual({
      status: 2,
      stdout: '',
      stderr: `${folder.path} has cdk.json, README.md already, and nothing is written over: name a folder without them.\n`,
    });
    expect((await readdir(folder.path)).toSorted()).toEqual(['README.md', 'cdk.json', 'test']);
    expect(readFileSync(path.join(folder.path, 'README.md'), 'utf8')).toBe('mine');
  });

  it.each([
    [['a', 'b'], /^init takes one folder; npx pagekeeper init --help shows how\.\n$/],
    [['--vendr', 'bob'], /^init takes a folder and --vendor; /],
    [['--vendor', 'mobar'], /^--vendor takes mobaro, bob, new \(did you mean mobaro\?\)\.\n$/],
  ])('says what is wrong with %j', (argv, words) => {
    expect(run(...argv)).toEqual({ status: 2, stdout: '', stderr: expect.stringMatching(words) });
  });

  it('refuses a package.json that cannot be read', async () => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'package.json'), '[');
    expect(run(folder.path)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching('package.json is not a JSON object') as string,
    });
    expect(await readdir(folder.path)).toEqual(['package.json']);
  });

  it('is a command like the others', async () => {
    await using folder = await temporaryFolder();
    const { status, stdout } = await runScript('cli', ['init', '--vendor', 'bob'], {}, { cwd: folder.path });
    expect(status).toBe(0);
    expect(stdout).toContain('\nNext:\n  npm install ');
    expect(existsSync(path.join(folder.path, 'app.ts'))).toBe(true);
  });
});

describe('the package.json of a project', () => {
  const own = {
    version: '3.4.5',
    peerDependencies: { 'aws-cdk-lib': '^2.1.0', constructs: '^10.0.0' },
    devDependencies: { '@types/node': '^24.1.0', 'aws-cdk': '^2.2.0', node: '^24.3.0', vitest: '^5.0.0' },
    allowScripts: { node: true, esbuild: true },
  };
  const project = { name: 'Acme sync', isEmpty: true };

  it('keeps what was there: a package that was installed from a file stays that one', () => {
    const before = {
      name: 'theirs',
      version: '9.0.0',
      type: 'commonjs',
      scripts: { test: 'echo "Error: no test specified" && exit 1', lint: 'eslint .' },
      dependencies: { pagekeeper: 'file:../pagekeeper-0.2.0.tgz', ky: '^2.0.0' },
      allowScripts: { theirs: true },
    };
    expect(manifestWith(before, own, project)).toEqual({
      name: 'theirs',
      private: true,
      version: '9.0.0',
      type: 'module',
      scripts: {
        lint: 'eslint .',
        start: 'pagekeeper start',
        test: 'node --test "test/**/*.test.ts"',
        synth: 'cdk synth --quiet',
        deploy: 'cdk deploy',
      },
      dependencies: {
        'aws-cdk-lib': '^2.1.0',
        constructs: '^10.0.0',
        pagekeeper: 'file:../pagekeeper-0.2.0.tgz',
        ky: '^2.0.0',
      },
      devDependencies: { '@types/node': '^24.1.0', 'aws-cdk': '^2.2.0', node: '^24.3.0' },
      allowScripts: { theirs: true, node: true, esbuild: true },
    });
  });

  it.each([
    ['Acme sync', 'acme-sync'],
    ['_übung_', 'bung'],
    ['pagekeeper', 'sync'],
    ['…', 'sync'],
  ])('is named after the folder: %s', (name, expected) => {
    expect(manifestWith({}, own, { ...project, name })).toMatchObject({ name: expected });
  });

  it('refuses what would be overwritten, or read in another way', () => {
    expect(() => manifestWith({ scripts: { start: 'vite' } }, own, project)).toThrow(
      /^package\.json has a script start already: /,
    );
    const common = { type: 'commonjs' };
    expect(() => manifestWith(common, own, { ...project, isEmpty: false })).toThrow(/"type": "commonjs"/);
  });
});
