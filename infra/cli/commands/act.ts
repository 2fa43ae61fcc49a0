import { randomUUID } from 'node:crypto';

import { InvalidArgumentError, Option, type Command } from 'commander';

import { recordAct, type Asked } from '../../../lib/operations/audit.ts';
import type { Done } from '../../../lib/operations/done.ts';
import type { Store } from '../store/store.ts';
import { printDone, type Cli } from './cli-context.ts';

export interface WhyOption {
  readonly why?: string;
}

/** It has taken effect, and on record is only that it was asked for: told in one sentence, exit status 1. */
export class UnwrittenEndError extends Error {
  override readonly name = 'UnwrittenEndError';
}

/** More is a report, and has a place of its own. */
const maxWhy = 300;

/** For each command that acts. */
export function withWhy(command: Command): Command {
  return command.addOption(
    new Option('--why <text>', 'why, in one line, for those who read the audit').argParser(whyOf),
  );
}

/** What else would act on a terminal is escaped where it is shown. */
function whyOf(text: string): string {
  const why = text.trim();
  if (why !== '' && Array.from(why).length <= maxWhy && !/[\p{Cc}\u2028\u2029]/u.test(why)) return why;
  throw new InvalidArgumentError(`It takes one line of text, of up to ${String(maxWhy)} characters.`);
}

/**
 * Does what a person asks for, writes it down and prints what became of it.
 *
 * @param about the streams and connections whose standing it may change
 * @throws UnwrittenEndError behind what is printed
 */
export async function act(
  asked: Asked,
  about: readonly string[],
  store: Store,
  work: (who: string) => Promise<readonly Done[]>,
  asJson: boolean,
  cli: Cli,
  print = printDone,
): Promise<void> {
  const clock = { now: Date.now };
  const { results, unwritten } = await recordAct(asked, about, { ...store, clock, newId: randomUUID }, work);
  await print(results, asJson, cli);
  if (unwritten === null) return;
  const { error } = unwritten;
  throw new UnwrittenEndError(
    `It was done, but what it came to could not be written into the audit (${error instanceof Error ? error.name : 'no reason given'}): its entry has no end.`,
    { cause: error },
  );
}
