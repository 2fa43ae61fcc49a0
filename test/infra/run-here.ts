import { text } from 'node:stream/consumers';

import { inWords, statusOf } from '../../infra/end-with.ts';
import { pagekeeper } from '../../infra/cli/program.ts';
import { fakeOutput } from '../support/fake-output.ts';
import type { Ended } from './run-script.ts';

/**
 * Runs a command of `pagekeeper` in this process, for what it does and says: it ends as the script would, without a terminal
 * and without the second of CPU that a process of its own costs.
 */
export async function runHere(args: readonly string[]): Promise<Ended> {
  const out = fakeOutput();
  const stdout = text(out);
  try {
    const status = await pagekeeper(args, out, {}, null);
    out.end();
    return { status, stdout: await stdout, stderr: '' };
  } catch (error) {
    out.end();
    return { status: statusOf(error), stdout: await stdout, stderr: `${inWords(error)}\n` };
  }
}
