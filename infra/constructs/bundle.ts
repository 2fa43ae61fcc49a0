import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';

import { settingsFile, type SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { projectRoot } from '../settings/project.ts';
import { buildBundle, type BundleEntry } from './build-bundle.ts';

/**
 * The code of one entry of `functions/`, and beside it the settings.
 *
 * NodejsFunction would do the same through `npx`, which takes several times as long as the bundling. CDK still decides
 * whether to bundle at all, and bundles an entry that several functions share once.
 */
export function bundle(entry: BundleEntry, settings: SettingsDocument): Code {
  const document = JSON.stringify(settings);
  return Code.fromAsset(projectRoot, {
    // By what came out: a change elsewhere in the project deploys nothing.
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      image: neverUsed,
      // Tells one bundle from another in CDK's cache, which does not look into `local`.
      command: [entry, createHash('sha256').update(document).digest('hex')],
      local: {
        tryBundle: (outputDir) => {
          for (const [name, content] of buildBundle(entry).files)
            writeFileSync(path.join(outputDir, name), content);
          writeFileSync(path.join(outputDir, settingsFile), document);
          return true;
        },
      },
    },
  });
}

const neverUsed = DockerImage.fromRegistry('none');
