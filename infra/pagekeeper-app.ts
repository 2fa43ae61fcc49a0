import { App, Validations, type AppProps } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

import { PagekeeperStack } from './pagekeeper-stack.ts';
import { readSettings } from './settings/read-settings.ts';

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
    const settings = readSettings(this.node.tryGetContext('pagekeeper'));
    this.stack = new PagekeeperStack(this, settings.stackName, settings);
  }
}
