import path from 'node:path';

import { buildSync, type Metafile } from 'esbuild';

import { projectRoot } from '../settings/project.ts';

/** A function's code as one ES module, and what it was made of. */
export interface Bundle {
  /** `index.mjs` and its source map, by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly metafile: Metafile;
}

/** The entries of `functions/`, without their ending. */
export const bundleEntries = [
  'scheduled-sync',
  'queued-sync',
  'watchdog',
  'publish-changes',
  'take-snapshots',
  'publish-events',
  'tell-on-call',
] as const;
export type BundleEntry = (typeof bundleEntries)[number];

/**
 * One entry of `functions/` with all it imports, the AWS SDK included, as an ES module `index.mjs`.
 *
 * It is written nowhere: the source map names its sources as they are seen from the file, and they are to be the same wherever
 * the project lies and the file is put. So the map says `functions/...`, `lib/...` and `node_modules/...`.
 *
 * @param root the folder of the project, absolute.
 */
export function buildBundle(entry: BundleEntry, root: string = projectRoot): Bundle {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [path.join('functions', `${entry}.ts`)],
    outfile: path.join(root, 'index.mjs'),
    write: false,
    metafile: true,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // Packages in CommonJS are larger and start more slowly than their ES modules.
    mainFields: ['module', 'main'],
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    // Dependencies in CommonJS call require, which an ES module does not have.
    banner: {
      js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  return {
    files: new Map(outputFiles.map((file) => [path.basename(file.path), file.contents])),
    metafile,
  };
}
