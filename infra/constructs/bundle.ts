import path from 'node:path';

import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { buildSync } from 'esbuild';

import { projectRoot } from '../context.ts';

/**
 * One entry of `functions/` with all it imports, the AWS SDK included, as an ES module `index.mjs`.
 *
 * NodejsFunction would do the same through `npx`, which takes several times as long as the bundling. CDK still decides
 * whether to bundle at all, and bundles an entry that several functions share once.
 */
export function bundle(entry: string): Code {
  return Code.fromAsset(projectRoot, {
    // By what came out: a change elsewhere in the project deploys nothing.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: neverUsed,
      // Tells one entry from another in CDK's cache, which does not look into `local`.
      command: [entry],
      local: {
        tryBundle: (outputDir) => {
          build(entry, outputDir);
          return true;
        },
      },
    },
  });
}

const neverUsed = DockerImage.fromRegistry('none');

function build(entry: string, outputDir: string): void {
  buildSync({
    absWorkingDir: projectRoot,
    entryPoints: [path.join('functions', `${entry}.ts`)],
    outfile: path.join(outputDir, 'index.mjs'),
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
}
