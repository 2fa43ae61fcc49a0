import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

/** More are not kept: settings and code change, and an assembly takes some megabytes. */
const maxKept = 8;

/** All that an assembly is made of, beside the settings in cdk.json and this Node. */
const sources = [
  ...['functions', 'infra', 'lib', 'package.json', 'tsconfig.json'],
  // What npm has really installed.
  'node_modules/.package-lock.json',
];

/**
 * Assemblies of earlier runs, in `node_modules/.cache`: making one takes seconds, and most runs need the same one. A folder
 * that cannot be read or written only costs these seconds.
 */
export class KeptAssemblies {
  readonly #project: string;
  readonly #settings: unknown;
  readonly #folder: string;

  /**
   * @param project the folder with cdk.json, absolute.
   * @param settings all that the app is told, as JSON.
   */
  constructor(project: string, settings: unknown) {
    this.#project = project;
    this.#settings = settings;
    this.#folder = path.join(project, 'node_modules', '.cache', 'pagekeeper', 'assemblies');
  }

  /** One of each combination of settings, code and Node. */
  async fingerprint(): Promise<string> {
    const hash = createHash('sha256').update(JSON.stringify([process.version, this.#settings]));
    const found = await Promise.all(sources.map((source) => filesOf(path.join(this.#project, source))));
    for (const file of found.flat().sort()) {
      hash.update(`\0${path.relative(this.#project, file)}\0`);
      hash.update(await readFile(file).catch(() => ''));
    }
    return hash.digest('hex');
  }

  /** Copies the assembly of the same settings and code to a folder. @returns whether there was one */
  async take(fingerprint: string, outdir: string): Promise<boolean> {
    const kept = path.join(this.#folder, fingerprint);
    return tried(async () => {
      const now = new Date();
      await utimes(kept, now, now);
      await cp(kept, outdir, { recursive: true });
    });
  }

  /**
   * Keeps a copy, and forgets those that were not used for the longest time.
   * @param fingerprint from before the assembly was made; if it is another one now, nobody knows which code is in it.
   */
  async keep(fingerprint: string, outdir: string): Promise<void> {
    if ((await this.fingerprint()) !== fingerprint) return;
    const kept = path.join(this.#folder, fingerprint);
    const copy = `${kept}.${randomUUID()}`;
    await tried(async () => {
      await mkdir(this.#folder, { recursive: true });
      await cp(outdir, copy, { recursive: true });
      await rename(copy, kept);
    });
    await tried(() => rm(copy, { recursive: true, force: true }));
    await tried(() => this.#forgetOthers());
  }

  async #forgetOthers(): Promise<void> {
    const names = await readdir(this.#folder);
    const used = await Promise.all(
      names.map(async (name) => {
        const folder = path.join(this.#folder, name);
        return { folder, at: (await stat(folder)).mtimeMs };
      }),
    );
    for (const { folder } of used.sort((a, b) => b.at - a.at).slice(maxKept)) {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

/** The file itself, or all that are below the folder; none where there is nothing. */
async function filesOf(file: string): Promise<readonly string[]> {
  const found = await stat(file).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) return [file];
  const names = await readdir(file);
  return (await Promise.all(names.map((name) => filesOf(path.join(file, name))))).flat();
}

/** @returns whether it worked: another process may have been faster, and the folder may not be ours to write. */
async function tried(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
