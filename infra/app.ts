import path from 'node:path';

import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

import { contextOfProject, projectRoot } from './context.ts';
import { PagekeeperStack } from './pagekeeper-stack.ts';
import { SettingsError } from './settings-error.ts';
import { readSettings } from './settings.ts';

/**
 * Synthesizes the stack: run by the `cdk` command, which says by CDK_CONTEXT_JSON and CDK_OUTDIR what it wants, or as
 * `node infra/app.ts`, which then reads cdk.json itself and writes to cdk.out.
 */
function synthesize(): void {
  const app = new App({
    context: process.env.CDK_CONTEXT_JSON === undefined ? contextOfProject() : {},
    outdir: process.env.CDK_OUTDIR ?? path.join(projectRoot, 'cdk.out'),
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const settings = readSettings(app.node.tryGetContext('pagekeeper'));
  new PagekeeperStack(app, settings.stackName, settings);
  app.synth();
}

try {
  synthesize();
} catch (error) {
  // A wrong setting is the user's to mend: where in this code it was noticed helps nobody.
  if (!(error instanceof SettingsError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
