import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { muteTimeOf } from '../../../infra/cli/commands/mute.ts';
import { userName } from '../../../infra/cli/store/who-acts.ts';
import { startEmbeddedDynamoDb } from '../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { openDataFolder } from '../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

const users = 'mobaro/users';
const models = [
  ['checkpoints', ['pk']],
  ['records', ['stream', 'id']],
] as const;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  await openDataFolder(folder.path);
  const names = { checkpointsTable: 'checkpoints', recordsTable: 'records', streams: [users, 'bob/people'] };
  await writeDescription(folder.path, names);
  const tables = models.map(([name, keys]) => ({
    name,
    keySchema: keys.map(
      (key, index) => ({ AttributeName: key, KeyType: index === 0 ? 'HASH' : 'RANGE' }) as const,
    ),
    attributes: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' }) as const),
  }));
  await (await startEmbeddedDynamoDb(folder.path, tables, newAccessKey())).close();
});
afterAll(() => folder[Symbol.asyncDispose]());

const cli = (...args: readonly string[]) => runHere([...args, '--data', folder.path]);

interface Status {
  readonly connections: readonly { readonly connection: string; readonly muted: object | null }[];
}

async function muted(connection: string): Promise<object | null | undefined> {
  const { connections } = JSON.parse((await cli('status', '--json')).stdout) as Status;
  return connections.find((one) => one.connection === connection)?.muted;
}

describe('mute on this machine', () => {
  it('is stored with its reason, shown by status and explain, and ended', async () => {
    const before = Date.now();
    const { status, stdout } = await cli('mute', 'mobaro', '--for', '2h', '--why', 'Mobaro moves');
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^Pages about mobaro are muted until (\d{4}-\d\d-\d\d )?\d\d:\d\d UTC\. On this machine npm start holds back its messages that page until then\.\n$/,
      ),
    ]);
    const [, until = ''] = /until (.*?) UTC/.exec(stdout) ?? [];
    const told = await muted('mobaro');
    expect(told).toEqual({
      ...{ since: expect.any(String), why: 'Mobaro moves', by: userName() },
      until: expect.stringMatching(/:00\.000Z$/),
    });
    expect(Date.parse(String(Reflect.get(told ?? {}, 'until')))).toBeGreaterThanOrEqual(before + 7_200_000);
    expect(await muted('bob')).toBeNull();
    expect((await cli('status')).stdout).toContain(
      `… mobaro: pages muted until ${until} UTC: Mobaro moves\n    npx pagekeeper mute mobaro --off --data ${folder.path}\n`,
    );
    const explained = `Pages: muted until ${until} UTC by ${userName()}: Mobaro moves\n`;
    expect((await cli('explain', users)).stdout).toContain(explained);
    expect((await cli('explain', 'bob/people')).stdout).not.toContain('Pages:');

    expect(await cli('mute', 'mobaro', '--off')).toEqual({
      ...{ status: 0, stderr: '', stdout: 'Pages about mobaro are not muted any more.\n' },
    });
    expect(await muted('mobaro')).toBeNull();
    expect((await cli('mute', 'mobaro', '--off')).stdout).toBe('Pages about mobaro are not muted.\n');
  });

  it('leaves an entry in the audit, with what was typed', async () => {
    await cli('mute', 'bob', '--for', '30m', '--why', 'ticket 7');
    const { entries } = JSON.parse((await cli('audit', 'bob', '--json')).stdout) as { entries: object[] };
    expect(entries[0]).toMatchObject({
      ...{ command: 'mute', target: 'bob', typed: 'mute bob --for 30m', why: 'ticket 7' },
      ...{ who: userName(), outcome: 'changed' },
    });
  });

  it.each([
    [['mobaro'], 'mute takes --for with a time, such as --for 2h, or --off.'],
    [['mobaro', '--for', '2h'], /^mute takes --why with --for, such as --why 'Mobaro moves/],
    [['mobaro', '--off', '--for', '2h', '--why', 'x'], /^Option '--off' cannot be used with option '--for/],
    [
      ['mobaro', '--for', '2', '--why', 'x'],
      /^Option '--for <time>' argument is invalid\. It takes a time such as 30m, 2h or 1d, up to 14d\./,
    ],
    [['mobaro', '--for', '2h', '--why', ' '], /^Option '--why <text>' argument is invalid\./],
    [
      ['mobar', '--for', '2h', '--why', 'x'],
      /^There is no such connection \(did you mean mobaro\?\); known are mobaro, bob/,
    ],
    [[users, '--for', '2h', '--why', 'x'], 'mute takes a connection: mobaro.'],
    [[], /^Missing required argument 'connection'/],
  ])('refuses %j in a sentence, and changes nothing', async (args, words) => {
    const { status, stdout, stderr } = await cli('mute', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd()).toMatch(words);
    expect(await muted('mobaro')).toBeNull();
  });
});

describe('the time of a mute', () => {
  it.each([
    ['1m', 60_000],
    ['90min', 5_400_000],
    ['2h', 7_200_000],
    ['14d', 1_209_600_000],
    ['336h', 1_209_600_000],
  ])('%s', (typed, ms) => {
    expect(muteTimeOf(typed)).toEqual({ typed, ms });
  });

  it.each(['', '0m', '0d', '15d', '337h', '2', 'h', '-2h', '1.5h', '2 h', '2H', '2w', '999999m'])(
    'is refused: %j',
    (typed) => {
      expect(() => muteTimeOf(typed)).toThrow(/^It takes a time such as 30m, 2h or 1d, up to 14d\.$/);
    },
  );
});
