import type { Done } from '../../../lib/operations/done.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { printable } from '../../terminal/printable.ts';
import type { Ask } from '../../terminal/ask.ts';
import type { AskHidden } from '../../terminal/ask-hidden.ts';
import type { Confirm } from '../../terminal/confirm.ts';
import { writeAll } from '../../terminal/write-all.ts';

/** What every command has around it. */
export interface Cli {
  readonly out: NodeJS.WriteStream;
  /** For what is no part of the answer. */
  readonly err: NodeJS.WritableStream;
  /** Where secrets come from: never the arguments. */
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Null where there is nobody to ask. */
  readonly confirm: Confirm | null;
  /** The same for what must not be shown. */
  readonly askHidden: AskHidden | null;
  /** The same for what may be shown. */
  readonly ask: Ask | null;
  /** Ends what would go on for ever. */
  readonly signal: AbortSignal;
  /** The exit status; 0 unless a command says otherwise. */
  end(status: number): void;
}

/** Machines read it: a change of a name is a change of the number. */
export const schemaVersion = 1;

export async function printJson(out: NodeJS.WritableStream, value: object): Promise<void> {
  await writeAll(out, `${JSON.stringify({ schemaVersion, ...value }, null, 2)}\n`);
}

/** A sentence for each thing done or left alone. Ends with 1 if any of it could not be done. */
export async function printDone(results: readonly Done[], asJson: boolean, cli: Cli): Promise<void> {
  if (results.some(({ refused }) => refused)) cli.end(1);
  if (asJson) {
    return printJson(cli.out, {
      results: results.map(({ target, changed, refused, sentence }) => ({
        ...{ target, changed, refused: refused === true, sentence },
      })),
    });
  }
  await writeAll(cli.out, results.map(({ sentence }) => `${printable(sentence)}\n`).join(''));
}

/**
 * Asked before the store is opened, for nobody else can open a data folder while somebody thinks.
 *
 * @param command as it was typed
 * @throws UsageError where there is nobody to ask
 */
export async function mayGoOn(
  command: string,
  question: string,
  { yes, json }: { readonly yes?: true; readonly json?: true },
  cli: Cli,
): Promise<boolean> {
  if (yes === true) return true;
  if (cli.confirm === null) {
    throw new UsageError(`${command} asks first, and there is no terminal to ask on: add --yes.`);
  }
  if (await cli.confirm(`${question} [y/N] `)) return true;
  cli.end(1);
  if (json === true) await printJson(cli.out, { results: [] });
  else await writeAll(cli.out, 'Nothing has been changed.\n');
  return false;
}
