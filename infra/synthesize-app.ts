import path from 'node:path';

import { contextOfProject, userFolder } from './settings/project.ts';
import { systemErrorInWords } from './terminal/system-error.ts';
import { printableText } from './terminal/printable.ts';
import { PagekeeperApp } from './pagekeeper-app.ts';
import { SettingsError } from './settings/settings-error.ts';

/**
 * Synthesizes the one stack of the settings under `pagekeeper` in cdk.json: all that an app needs to do which has nothing
 * else. Run by the `cdk` command, which says by CDK_CONTEXT_JSON and CDK_OUTDIR what it wants, or by hand: then cdk.json is
 * read here, and the assembly goes to cdk.out beside it. What is wrong with a setting is told in one sentence, and the exit
 * status is 1.
 *
 * @param adjust what else is to be done with the app, such as tags, aspects and checks, before it is synthesized.
 */
export function synthesizeApp(adjust: (app: PagekeeperApp) => void = () => undefined): void {
  try {
    const app = new PagekeeperApp({
      context: process.env.CDK_CONTEXT_JSON === undefined ? contextOfProject() : {},
      outdir: process.env.CDK_OUTDIR ?? path.join(userFolder(), 'cdk.out'),
      // Otherwise CDK synthesizes once more when the process ends.
      autoSynth: false,
    });
    adjust(app);
    app.synth();
  } catch (error) {
    // A wrong setting and a full disk are the user's to fix: where in this code they were noticed does not help.
    const words = error instanceof SettingsError ? error.message : systemErrorInWords(error);
    if (words === null) throw error;
    process.stderr.write(`${printableText(words, false)}\n`);
    process.exitCode = 1;
  }
}
