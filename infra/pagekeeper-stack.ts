import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

import type { SettingsDocument } from '../lib/runtime/settings-document.ts';
import { addDeploymentParts } from './constructs/deployment-parts.ts';
import type { Settings } from './settings/settings.ts';

/** A whole deployment. It names no account and no region: the person who deploys it decides. */
export class PagekeeperStack extends Stack {
  /** What its functions go by. */
  readonly settings: SettingsDocument;

  /** @param unnested how many of the connections are in the stack itself, from the first on; the others get nested stacks */
  constructor(scope: Construct, id: string, settings: Settings, unnested: number) {
    super(scope, id, {
      stackName: settings.stackName,
      description: 'Pagekeeper: syncs vendors into DynamoDB on a schedule, one page at a time',
      terminationProtection: settings.keepsData,
    });
    this.settings = addDeploymentParts(this, settings, unnested).settings;
  }
}
