import { ScanCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { startEmbeddedDynamoDb as startOurs } from '../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { openDataFolder } from '../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import { sinceOf } from '../../../infra/cli/commands/since.ts';
import { userName } from '../../../infra/cli/store/who-acts.ts';
import { pagekeeper } from '../../../infra/cli/program.ts';
import { DynamoAudit } from '../../../lib/aws/dynamo-audit.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { DynamoRecords } from '../../../lib/aws/dynamo-records.ts';
import { actCommands } from '../../../lib/sync/audit.ts';
import { newCheckpoint } from '../../../lib/sync/checkpoint.ts';
import { fakeOutput } from '../../support/fake-output.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

const tables = { checkpoints: ['pk'], records: ['stream', 'id'] };
const models = Object.entries(tables).map(([name, keys]) => ({
  name,
  keySchema: keys.map(
    (key, index) => ({ AttributeName: key, KeyType: index === 0 ? 'HASH' : 'RANGE' }) as const,
  ),
  attributes: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' }) as const),
}));
const users = 'mobaro/users';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  await openDataFolder(folder.path);
  const names = { checkpointsTable: 'checkpoints', recordsTable: 'records', streams: [users] };
  await writeDescription(folder.path, names);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The database of the folder, which the commands open in between. */
async function inFolder<T>(act: (client: DynamoDBClient) => Promise<T>): Promise<T> {
  const database = await startOurs(folder.path, models, newAccessKey());
  try {
    return await act(database.client);
  } finally {
    await database.close();
  }
}

const cli = (...args: readonly string[]) => runHere([...args, '--data', folder.path]);

async function entries(...args: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const { entries: found } = JSON.parse((await cli('audit', '--json', ...args)).stdout) as {
    entries: Record<string, unknown>[];
  };
  return found;
}

describe('the audit on this machine', () => {
  beforeEach(() =>
    inFolder(async (client) => {
      const checkpoints = new DynamoCheckpoints(client, 'checkpoints');
      const revision = (await checkpoints.read(users))?.revision ?? 0;
      await checkpoints.replace({ ...newCheckpoint(users), outcome: 'complete', revision });
    }),
  );

  it('says who, when, what, why and what came of it', async () => {
    await cli('pause', users, '--why', ' the vendor moves ');
    const stands = { kind: 'stream', target: users, run: null, sequence: 0, haltedFor: null };
    const nothing = { heldDeletions: null, allowedDeletions: null, fieldsAwaited: [] };
    expect((await entries())[0]).toEqual({
      ...{ who: userName(), command: 'pause', target: users, typed: 'pause mobaro/users' },
      ...{ why: 'the vendor moves', outcome: 'changed', fault: null },
      at: expect.stringMatching(/^20\d\d-.*Z$/),
      endedAt: expect.stringMatching(/^20\d\d-.*Z$/),
      before: [{ ...stands, ...nothing, state: 'idle' }],
      after: [{ ...stands, ...nothing, state: 'paused' }],
      results: [
        {
          ...{ target: users, changed: true, refused: false },
          sentence: 'mobaro/users is paused: its ticks start nothing until it is resumed.',
        },
      ],
    });
    expect((await cli('pause', users)).stdout).toBe('mobaro/users is paused already.\n');
    expect((await entries())[0]).toMatchObject({ outcome: 'unchanged', why: null });
  });

  it('keeps nothing of a record that is to be forgotten', async () => {
    const id = 'users/77-of-ada';
    await inFolder(async (client) => {
      const { signal } = new AbortController();
      const rows = [{ id, json: '{"name":"Ada"}', hash: 'h' }];
      await new DynamoRecords(client, 'records').upsert(users, rows, { at: 0, run: 'run-1' }, signal);
    });
    await cli('forget', users, id, '--yes', '--why', 'request 12');
    expect((await entries())[0]).toMatchObject({
      ...{ typed: 'forget mobaro/users ID', why: 'request 12', outcome: 'changed' },
    });
    const items = await inFolder(async (client) =>
      Promise.all(
        Object.keys(tables).map(
          async (TableName) => (await client.send(new ScanCommand({ TableName }))).Items,
        ),
      ),
    );
    expect(JSON.stringify(items)).toContain('request 12');
    expect(JSON.stringify(items)).not.toContain('77-of-ada');
  });

  it('has no entry of what was called off or typed wrongly, nor of what only looks', async () => {
    const before = (await entries()).length;
    const out = fakeOutput({ isTTY: true });
    await pagekeeper(['reset', users, '--data', folder.path], out, {}, () => Promise.resolve(false));
    await cli('reset', users);
    await cli('pause', 'mobaro/user');
    await cli('pause', users, '--why', '');
    await cli('status');
    await cli('explain', users);
    expect(await entries()).toHaveLength(before);
  });

  it('says that something was done whose end it could not write, and shows that entry', async () => {
    const end = vi.spyOn(DynamoAudit.prototype, 'end').mockRejectedValue(new Error('no table'));
    const ended = await cli('pause', users);
    end.mockRestore();
    expect(ended).toEqual({
      status: 1,
      stdout: 'mobaro/users is paused: its ticks start nothing until it is resumed.\n',
      stderr:
        'It was done, but what it came to could not be written into the audit (Error): its entry has no end.\n',
    });
    expect((await entries())[0]).toMatchObject({ outcome: 'unknown', endedAt: null, after: [] });
    const [paragraph] = (await cli('audit')).stdout.split('\n\n');
    expect(paragraph?.split('\n').slice(0, 1)).toEqual([
      expect.stringMatching(/^\d+ s ago {2}pause mobaro\/users: its end is not on record$/),
    ]);
    expect(paragraph).toContain(`\n  by ${userName()}, `);
    expect(paragraph).toMatch(/, \d\d:\d\d UTC\n {2}mobaro\/users was idle/);
  });

  it('changes nothing where it cannot be written into', async () => {
    const begin = vi.spyOn(DynamoAudit.prototype, 'begin').mockRejectedValue(new Error('no table'));
    expect(await cli('pause', users)).toMatchObject({ status: 1, stdout: '' });
    begin.mockRestore();
    expect((await cli('status')).stdout).not.toContain('paused');
  });
});

describe('--why', () => {
  it.each(['', '  ', 'a\nb', 'a\u2028b', 'x'.repeat(301)])('is refused in one sentence: %j', async (why) => {
    expect(await cli('pause', users, '--why', why)).toEqual({
      ...{ status: 2, stdout: '' },
      stderr:
        "Option '--why <text>' argument is invalid. It takes one line of text, of up to 300 characters. npx pagekeeper pause --help shows what is allowed.\n",
    });
  });

  it('goes with each command that acts, and with no other', async () => {
    const root = new Command();
    const acting: string[] = [];
    const looking: string[] = [];
    const walk = (command: Command, above: string): void => {
      for (const part of command.commands) {
        const name = `${above}${part.name()}`;
        const takesWhy = part.options.some(({ long }) => long === '--why');
        // Some are a group and a command.
        const isCommand = (Reflect.get(part, '_actionHandler') ?? null) !== null;
        if (isCommand) (takesWhy ? acting : looking).push(name);
        walk(part, `${name} `);
      }
    };
    const parse = vi.spyOn(Command.prototype, 'parseAsync').mockImplementation(function (this: Command) {
      walk(this, '');
      return Promise.resolve(root);
    });
    await pagekeeper(['status'], fakeOutput(), {}, null);
    parse.mockRestore();
    expect(acting.toSorted()).toEqual([...actCommands].toSorted());
    // A new command is one or the other.
    expect(looking.toSorted()).toEqual([
      ...['audit', 'changes', 'check', 'connector new', 'connector try', 'dead-letters list'],
      ...[
        'dead-letters show',
        'events',
        'explain',
        'export',
        'policy',
        'query',
        'records',
        'schema',
        'size',
        'status',
        'streams',
      ],
      'test-alarm',
    ]);
  });
});

describe('--since', () => {
  const now = Date.parse('2026-03-15T12:00:00Z');

  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T08:30Z', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01T08:30:15+02:00', '2026-03-01T06:30:15.000Z'],
    ['90min', '2026-03-15T10:30:00.000Z'],
    ['12h', '2026-03-15T00:00:00.000Z'],
    ['7d', '2026-03-08T12:00:00.000Z'],
    ['2w', '2026-03-01T12:00:00.000Z'],
  ])('takes %s', (text, time) => {
    expect(new Date(sinceOf(text, now)).toISOString()).toBe(time);
  });

  it.each([
    '',
    'yesterday',
    '7',
    '-7d',
    '7 d',
    '2026-02-31',
    '2026-13-01',
    '2026-03-01T08:00',
    '2026-03-01T25:00Z',
  ])('refuses %j in one sentence', async (text) => {
    const { status, stderr } = await cli('audit', '--since', text);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Option '--since <when>' argument is invalid\. It takes a date such as /);
    if (text !== '') expect(stderr).not.toContain(` '${text}'`);
  });
});
