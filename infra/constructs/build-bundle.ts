import path from 'node:path';

import { buildSync, type Metafile } from 'esbuild';

import { ending, projectRoot } from '../settings/project.ts';

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
 * @param root the folder of the code, absolute.
 * @throws Error where something in it imports the CDK, which would make it forty times as large
 */
export function buildBundle(entry: BundleEntry, root: string = projectRoot): Bundle {
  const { outputFiles, metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [path.join('functions', `${entry}${ending}`)],
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
  mustBeWithoutCdk(entry, metafile);
  return {
    files: new Map(outputFiles.map((file) => [path.basename(file.path), file.contents])),
    metafile,
  };
}

/** Of the package, seen from `dist`, no `node_modules` stands before it. */
const cdk = /(?:^|\/)aws-cdk-lib\//;

function mustBeWithoutCdk(entry: BundleEntry, { inputs }: Metafile): void {
  for (const [file, { imports }] of Object.entries(inputs)) {
    if (cdk.test(file) || !imports.some((imported) => cdk.test(imported.path))) continue;
    throw new Error(
      `functions/${entry}: its bundle would hold the CDK, which ${file} imports; what a function needs has to be in a file that imports neither aws-cdk-lib nor pagekeeper itself, but pagekeeper/connector.`,
    );
  }
}
