import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';

import { createScreen } from '../../../../infra/laptop/report/screen.ts';
import { fakeOutput } from '../../../support/fake-output.ts';
import { after, deferral } from './events.ts';

/** What a run with one re-drive leaves in a stream of this kind. */
async function written(
  stream: { readonly isTTY: boolean; readonly columns?: number; readonly rows?: number },
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const out = fakeOutput(stream);
  const screen = createScreen(out, variables);
  screen.note('synthesizing the stack');
  screen.begin(after());
  screen.show(deferral(), after(), after(deferral()));
  screen.end();
  out.end();
  return text(out);
}

describe('createScreen', () => {
  it('draws over what it has drawn on a terminal', async () => {
    const drawn = await written({ isTTY: true, columns: 80, rows: 24 });

    expect(drawn).toContain('\u001b[');
    expect(drawn).toContain('of 2 streams done');
    // Before there are streams to be shown it moves, too: a synthesis takes seconds.
    expect(drawn).toMatch(/0:00 {3}[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] synthesizing the stack/);
  });

  it.each([
    ['a pipe', { isTTY: false }, {}],
    ['a dumb terminal', { isTTY: true, columns: 80, rows: 24 }, { TERM: 'dumb' }],
    ['a terminal of no columns', { isTTY: true, columns: 0, rows: 24 }, {}],
    ['a terminal of no rows', { isTTY: true, columns: 80, rows: 0 }, {}],
  ])('writes plain lines to %s', async (_, stream, variables) => {
    const lines = (await written(stream, variables)).trimEnd().split('\n');

    expect(lines).toEqual([
      expect.stringMatching(/^ +\d\.\d s {2}synthesizing the stack$/),
      expect.stringMatching(/s {2}syncing mobaro\/users, bob\/people$/),
      expect.stringMatching(/s {2}mobaro\/users: HTTP 429, again in 3 s \(try 1 failed\)$/),
    ]);
  });
});
