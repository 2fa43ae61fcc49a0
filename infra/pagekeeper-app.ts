import { App, CfnResource, Validations, type AppProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

import { PagekeeperStack } from './pagekeeper-stack.ts';
import { metadataKey } from './settings/names.ts';
import { SettingsError } from './settings/settings-error.ts';
import { readSettings } from './settings/read-settings.ts';
import { parseSettings } from './settings/settings-schema.ts';

/** The app that is deployed: one stack after its settings, and nothing that AWS's own advice finds fault with. */
export class PagekeeperApp extends App {
  readonly stack: PagekeeperStack;

  /**
   * @param props their context, or the `cdk` command, gives the settings under `pagekeeper`.
   * @throws SettingsError
   */
  constructor(props: AppProps) {
    super(props);
    // Synthesizing throws on a finding that nobody has acknowledged.
    Validations.of(this).addPlugins(new AwsSolutionsChecks(this));
    const written = parseSettings(this.node.tryGetContext('pagekeeper'));
    const settings = readSettings(written);
    this.stack = new PagekeeperStack(this, settings.stackName, settings);
    // Where the command line finds what is deployed, whatever stands in cdk.json by then.
    this.stack.templateOptions.metadata = { [metadataKey]: written };
    checkSize(this.stack);
  }
}

/** CloudFormation takes no more in one stack. */
const maxResources = 500;

/** @throws SettingsError before the CDK counts: it names no setting. */
function checkSize(stack: PagekeeperStack): void {
  const resources = stack.node.findAll().filter((construct) => CfnResource.isCfnResource(construct)).length;
  if (resources <= maxResources) return;
  throw new SettingsError(
    `pagekeeper.connections: make ${String(resources)} resources, and CloudFormation allows ${String(maxResources)} in a stack; ` +
      'choose fewer streams, or deploy some connections as another stage',
  );
}
