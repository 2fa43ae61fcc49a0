import { DataInUseError } from './emulator/embedded/data-lock.ts';
import { printableText } from './terminal/printable.ts';
import { UsageError } from './terminal/usage-error.ts';
import { SynthesisError } from './laptop/run/synthesize.ts';
import { TemplateError } from './emulator/template/template-error.ts';
import { SettingsError } from './settings/settings-error.ts';
import { InterruptedError } from './terminal/ask-hidden.ts';
import { UnwrittenEndError } from './cli/commands/act.ts';
import { DeploymentError } from './cli/store/deployment-error.ts';
import { systemErrorInWords } from './terminal/system-error.ts';
import { ReaderGoneError, toleratePipes } from './terminal/write-all.ts';

/** Something that the person who typed the command has to change: exit status 2. */
const wrongUsage = [UsageError, SettingsError, DataInUseError];

/** Failures whose message says it all; of any other one the stack is wanted. */
const told = [...wrongUsage, SynthesisError, TemplateError, DeploymentError, UnwrittenEndError];

/** Who has ended it knows. */
const untold = [ReaderGoneError, InterruptedError];

/** Runs a command to its exit status. Handles that are still open do not keep the process alive. */
export function endWith(main: () => Promise<number>): void {
  toleratePipes(process.stdout, process.stderr);
  main().then(
    (status) => process.exit(status),
    (error: unknown) => {
      if (!untold.some((kind) => error instanceof kind))
        process.stderr.write(`${printableText(inWords(error), false)}\n`);
      process.exit(statusOf(error));
    },
  );
}

/** The exit status of a command that has thrown. */
export function statusOf(error: unknown): 0 | 1 | 2 | 130 {
  if (error instanceof ReaderGoneError) return 0;
  if (error instanceof InterruptedError) return 130;
  return wrongUsage.some((kind) => error instanceof kind) ? 2 : 1;
}

export function inWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (told.some((kind) => error instanceof kind)) return error.message;
  return systemErrorInWords(error) ?? error.stack ?? error.message;
}
