import { Readable } from 'node:stream';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { pagekeeper } from '../../infra/cli/program.ts';
import { fakeOutput } from '../support/fake-output.ts';
import { watchedStart, type WatchedStart } from '../support/watched-start.ts';

describe('npm start -- --watch, with a key that the vendor refuses', () => {
  let here: WatchedStart;
  beforeEach(async () => {
    here = await watchedStart();
  });
  afterEach(() => here.remove());

  /** As in another terminal. */
  async function typed(args: readonly string[], input = ''): Promise<readonly [number, string]> {
    const out = fakeOutput();
    const stdin = Object.assign(Readable.from([input]), { isTTY: false });
    const status = await pagekeeper([...args, '--data', here.data], out, {}, null, { input: stdin });
    return [status, String(out.read())];
  }

  it('takes a new one while it runs, and is fixed with it', async () => {
    const { child, finished } = await here.watch(['mobaro/users', 'mobaro/locations'], 'an-old-key');
    const outcomes = async () => (await here.snapshot()).streams.map(({ outcome }) => outcome);
    await expect
      .poll(outcomes, { timeout: 240_000, interval: 500 })
      .toEqual(['unauthorized', 'unauthorized']);
    // People are told some seconds later, of what still stands then.
    const told = async () => (await here.snapshot()).events.map(({ text }) => text).join('\n');
    await expect.poll(told, { timeout: 60_000 }).toContain('PAGE Pagekeeper: mobaro key refused (401)');

    // The stored key again: one call, and the reason.
    const calls = here.vendor.requests.length;
    expect(await typed(['fix', 'mobaro', '--yes'])).toEqual([
      1,
      '✗ The vendor refused the key of mobaro again (401).\n',
    ]);
    expect(here.vendor.requests.length).toBe(calls + 1);

    const [status, said] = await typed(['secret', 'set', 'mobaro'], '{"apiKey":"made-up"}');
    expect([status, said]).toEqual([
      0,
      'A new version of Pagekeeper/mobaro is stored: the sync notices it within five minutes, tries it with one page, ' +
        'and goes on if that gets through. The next npm start is given its keys as before.\n',
    ]);
    const [fixed, words] = await typed(['fix', '--yes']);
    expect(words).toMatch(/^✓ The key of mobaro is good: mobaro\/\w+ has gone on at the beginning: .*\.\n$/);
    expect(fixed).toBe(0);
    await expect.poll(outcomes, { timeout: 60_000, interval: 500 }).toEqual(['complete', 'complete']);
    expect(await typed(['fix'])).toEqual([0, 'Nothing stands still.\n']);

    child.kill('SIGTERM');
    const { stdout, stderr } = await finished;
    expect(stdout).toMatch(/ PAGE Pagekeeper: mobaro key refused \(401\): all streams\n/);
    expect(stdout).toMatch(/ OVER Pagekeeper: mobaro key refused \(401\): all streams\n/);
    expect(stdout + stderr + said + words).not.toMatch(/an-old-key|made-up/);
    // With it the keys are gone: the next start is given its own.
    await expect(typed(['secret', 'set', 'mobaro'], '{"apiKey":"made-up"}')).rejects.toThrow(
      /^No npm start runs on this data/,
    );
  });
});
