import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';

import { projectRoot } from '../settings/project.ts';
import { buildBundle, type BundleEntry } from './build-bundle.ts';

/**
 * The code of one entry of `functions/`.
 *
 * NodejsFunction would do the same through `npx`, which takes several times as long as the bundling. CDK still decides
 * whether to bundle at all, and bundles an entry that several functions share once.
 */
export function bundle(entry: BundleEntry): Code {
  return Code.fromAsset(projectRoot, {
    // By what came out: a change elsewhere in the project deploys nothing.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: neverUsed,
      // Tells one entry from another in CDK's cache, which does not look into `local`.
      command: [entry],
      local: {
        tryBundle: (outputDir) => {
          for (const [name, content] of buildBundle(entry).files)
            writeFileSync(path.join(outputDir, name), content);
          return true;
        },
      },
    },
  });
}

const neverUsed = DockerImage.fromRegistry('none');
