import path from 'node:path';

import { contextOfProject, projectRoot } from './settings/project.ts';
import { systemErrorInWords } from './terminal/system-error.ts';
import { printableText } from './terminal/printable.ts';
import { PagekeeperApp } from './pagekeeper-app.ts';
import { SettingsError } from './settings/settings-error.ts';

/*
 * Synthesizes the stack: run by the `cdk` command, which says by CDK_CONTEXT_JSON and CDK_OUTDIR what it wants, or as
 * `node infra/app.ts`, which then reads cdk.json itself and writes to cdk.out.
 */
try {
  new PagekeeperApp({
    context: process.env.CDK_CONTEXT_JSON === undefined ? contextOfProject() : {},
    outdir: process.env.CDK_OUTDIR ?? path.join(projectRoot, 'cdk.out'),
    // Otherwise CDK synthesizes once more when the process ends.
    autoSynth: false,
  }).synth();
} catch (error) {
  // A wrong setting and a full disk are the user's to fix: where in this code they were noticed does not help.
  const words = error instanceof SettingsError ? error.message : systemErrorInWords(error);
  if (words === null) throw error;
  process.stderr.write(`${printableText(words, false)}\n`);
  process.exitCode = 1;
}
