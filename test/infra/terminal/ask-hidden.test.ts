import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { describe, expect, it } from 'vitest';

import { askHiddenOn, InterruptedError } from '../../../infra/terminal/ask-hidden.ts';
import { statusOf } from '../../../infra/end-with.ts';

const terminal = () => Object.assign(new PassThrough(), { isTTY: true });

/** @param typed null: nobody is there any more */
async function answered(typed: string | null) {
  const [input, output] = [terminal(), terminal()];
  const answer = askHiddenOn(input, output)?.('Key: ');
  if (typed === null) input.end();
  else input.write(typed);
  const said = await answer?.catch((error: unknown) => error);
  output.end();
  return { said, shown: await text(output) };
}

describe('askHiddenOn', () => {
  it.each([
    ['kX-secret\n', 'kX-secret'],
    ['kX-secret\r', 'kX-secret'],
    ['\n', ''],
    // Ctrl-D, and nobody there.
    ['\u0004', null],
    [null, null],
  ])('takes %j for %j, and shows nothing of it', async (typed, said) => {
    expect(await answered(typed)).toEqual({ said, shown: 'Key: \n' });
  });

  it.each(['\u0003', 'kX-sec\u0003', 'kX-sec\u0003ret\n', '\u0003\u0003'])(
    'is interrupted by Ctrl-C, also in the midst of a key: %j',
    async (typed) => {
      const { said, shown } = await answered(typed);
      expect(said).toBeInstanceOf(InterruptedError);
      expect(shown).toBe('Key: \n');
    },
  );

  it('asks nobody where either side is no terminal', () => {
    expect(askHiddenOn(new PassThrough(), terminal())).toBeNull();
    expect(askHiddenOn(terminal(), new PassThrough())).toBeNull();
  });
});

describe('the exit status', () => {
  it('of a command that was interrupted is that of a shell', () => {
    expect(statusOf(new InterruptedError())).toBe(130);
    expect(statusOf(new Error())).toBe(1);
  });
});
