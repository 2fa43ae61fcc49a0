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
  const err = fakeOutput();
  const [stdout, stderr] = [text(out), text(err)];
  const end = (): void => {
    out.end();
    err.end();
  };
  try {
    const status = await pagekeeper(args, out, {}, null, { err });
    end();
    return { status, stdout: await stdout, stderr: await stderr };
  } catch (error) {
    end();
    return { status: statusOf(error), stdout: await stdout, stderr: `${await stderr}${inWords(error)}\n` };
  }
}
