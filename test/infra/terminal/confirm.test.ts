import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

import { confirmOn } from '../../../infra/terminal/confirm.ts';

const terminal = () => Object.assign(new PassThrough(), { isTTY: true });

async function answered(
  typed: string | null,
): Promise<{ readonly said: boolean | undefined; shown: string }> {
  const [input, output] = [terminal(), terminal()];
  const answer = confirmOn(input, output)?.('Sure? ');
  if (typed === null) input.end();
  else input.write(typed);
  const said = await answer;
  output.end();
  return { said, shown: await text(output) };
}

describe('confirmOn', () => {
  it.each([
    ['y\n', true],
    ['Yes\n', true],
    ['\n', false],
    ['n\n', false],
    ['yesterday\n', false],
    // Ctrl-C.
    ['\u0003', false],
    // Nobody there any more.
    [null, false],
  ])('takes %j for %j', async (typed, expected) => {
    const { said, shown } = await answered(typed);

    expect(said).toBe(expected);
    expect(shown).toContain('Sure? ');
  });

  it('asks nobody where either side is no terminal', () => {
    expect(confirmOn(new PassThrough(), terminal())).toBeNull();
    expect(confirmOn(terminal(), new PassThrough())).toBeNull();
  });
});
