import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { survivingScan } from '../../infra/cli/store/data-folder-store.ts';
import { pagekeeper } from '../../infra/cli/program.ts';
import {
  startEmbeddedDynamoDb,
  type EmbeddedDynamoDb,
} from '../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../infra/emulator/embedded/guard.ts';
import { openDataFolder } from '../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../infra/laptop/data-folder/description.ts';
import { DynamoBreakers } from '../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import { newBreaker } from '../../lib/sync/breaker.ts';
import { newCheckpoint } from '../../lib/sync/checkpoint.ts';
import { fakeOutput } from '../support/fake-output.ts';
import { runHere } from './run-here.ts';
import { runScript } from './run-script.ts';
import { progressOf } from '../support/progress.ts';

const tables = [
  { name: 'Checkpoints', keys: ['pk'] },
  { name: 'Records', keys: ['stream', 'id'] },
].map(({ name, keys }) => ({
  name,
  keySchema: keys.map((key, index) => ({
    AttributeName: key,
    KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
  })),
  attributes: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
}));

const exact = '{"id":"users/1-A","reference":9007199254740993123,"rate":1.10,"name":"Ada \\"Example\\""}';

let data: string;

/** As `npm start` leaves a folder behind: one stream complete, one halted by a 404, a refused key. */
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
  await openDataFolder(data);
  await writeDescription(data, {
    checkpointsTable: 'Checkpoints',
    recordsTable: 'Records',
    streams: ['mobaro/users', 'mobaro/webhooks', 'bob/people'],
  });
  await withServer(async ({ client }) => {
    const signal = new AbortController().signal;
    const rows = Array.from({ length: 60 }, (_, index) => ({
      id: `users/${String(index + 1)}-A`,
      json: index === 0 ? exact : `{"id":"users/${String(index + 1)}-A"}`,
      hash: String(index),
    }));
    await new DynamoRecords(client, 'Records').upsert(
      'mobaro/users',
      rows,
      { at: Date.now(), run: 'run-1' },
      signal,
    );
    const checkpoints = new DynamoCheckpoints(client, 'Checkpoints');
    await checkpoints.replace({
      ...newCheckpoint('mobaro/users'),
      outcome: 'complete',
      completedAt: Date.now(),
      progress: progressOf({
        startedAt: 1,
        pages: 3,
        records: 60,
        written: 60,
        unchanged: 0,
      }),
    });
    await checkpoints.replace({
      ...newCheckpoint('mobaro/webhooks'),
      state: 'halted',
      run: 'run-1',
      position: { kind: 'offset', offset: 40 },
      outcome: 'missing',
      reason: 'HTTP 404',
      halt: { outcome: 'missing', at: Date.parse('2026-11-22T10:00:00Z'), definition: 'd' },
    });
    await new DynamoBreakers(client, 'Checkpoints').replace({
      ...newBreaker('bob'),
      state: 'open',
      secretVersion: 'v1',
      openedAt: Date.parse('2026-11-22T10:00:00Z'),
    });
  });
});

afterAll(async () => {
  await rm(data, { recursive: true });
});

async function withServer(act: (server: EmbeddedDynamoDb) => Promise<void>): Promise<void> {
  const server = await startEmbeddedDynamoDb(data, tables, newAccessKey());
  try {
    await act(server);
  } finally {
    await server.close();
  }
}

/** What a command does and says. */
const cli = (...args: readonly string[]) => runHere([...args, '--data', data]);
/** The script itself, for what is about processes. */
const script = (...args: readonly string[]) => runScript('cli', [...args, '--data', data]);

describe('pagekeeper records', () => {
  it('prints every record once as ndjson, with every digit', async () => {
    const { status, stdout, stderr } = await script('records', 'mobaro/users');

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(60);
    expect(lines[0]).toMatch(/^\{"stream":"mobaro\/users","id":"users\/1-A","data":/);
    expect(lines[0]).toContain(`"data":${exact},"firstSeenAt":"`);
  });

  it('prints json and csv', async () => {
    const [json, csv] = await Promise.all([
      script('records', 'mobaro/users', '--format', 'json'),
      script('records', 'mobaro/users', '--format=csv'),
    ]);

    expect(JSON.parse(json.stdout)).toHaveLength(60);
    expect(csv.stdout.split('\r\n')).toHaveLength(62);
  });

  it('works while npm start has the data open', async () => {
    await withServer(async () => {
      expect((await script('records', 'mobaro/users')).stdout.split('\n')).toHaveLength(61);
    });
  });

  it('ends quietly when nobody reads any more', async () => {
    const file = new URL('../../infra/cli.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [file, 'records', 'mobaro/users', '--data', data]);
    child.stdout.destroy();
    const errors: string[] = [];
    child.stderr.on('data', (chunk) => errors.push(String(chunk)));

    expect(await once(child, 'close')).toEqual([0, null]);
    expect(errors.join('')).toBe('');
  });
});

describe('pagekeeper status', () => {
  it('prints a table, and a line for what stands still', async () => {
    const { status, stdout } = await cli('status');

    expect(status).toBe(0);
    expect(stdout).toMatch(/ mobaro\/users {5}idle +60 +60 {2}\d+ s ago\n/);
    expect(stdout).toMatch(/ mobaro\/webhooks {2}halted +0 {2}never\n/);
    expect(stdout).toMatch(/ bob\/people {7}new +0 {2}never\n/);
    expect(stdout).toMatch(/^✗ bob: the vendor refused its key \d+ d ago$/m);
    expect(stdout).toContain(`    npx pagekeeper fix bob --data ${data}\n`);
    expect(stdout).toMatch(
      /^✗ mobaro\/webhooks: the vendor knows no such stream \(404\) \d+ d ago; HTTP 404$/m,
    );
    expect(stdout).toContain(`    npx pagekeeper resume mobaro/webhooks --data ${data}\n`);
  });

  it('ends with 1 on demand where something stands still, and prints the same', async () => {
    const { stdout } = await cli('status', '--json');
    expect(await cli('status', '--json', '--fail')).toMatchObject({ status: 1, stdout });
    expect(await cli('status', '--watch', '--fail')).toMatchObject({ status: 2, stdout: '' });
  });

  it('prints one JSON object', async () => {
    expect(JSON.parse((await cli('status', '--json')).stdout)).toMatchObject({
      schemaVersion: 1,
      connections: [
        { connection: 'mobaro', key: 'closed' },
        { connection: 'bob', key: 'open' },
      ],
      streams: [
        { stream: 'mobaro/users', outcome: 'complete' },
        { stream: 'mobaro/webhooks', haltedFor: 'missing', position: 40 },
        { stream: 'bob/people', state: 'new' },
      ],
    });
  });
});

describe('pagekeeper resume', () => {
  it('resumes a stream, also while npm start has the data open, and says so only once', async () => {
    await withServer(async ({ client }) => {
      expect((await script('resume', 'mobaro/webhooks')).stdout).toBe(
        'mobaro/webhooks goes on at offset 40 with the next npm start.\n',
      );
      const checkpoints = new DynamoCheckpoints(client, 'Checkpoints');
      expect(await checkpoints.read('mobaro/webhooks')).toMatchObject({ state: 'parked', halt: null });
    });
    expect((await cli('resume', 'mobaro/webhooks')).stdout).toContain('has been resumed already');
  });

  it('resumes a connection', async () => {
    expect(await cli('resume', 'bob')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('bob may call again') as string,
    });
    expect((await cli('resume', 'bob')).stdout).toContain('bob has been resumed already');
  });
});

describe('pagekeeper run, pause and reset', () => {
  it('act on what is on this machine, for the next npm start', async () => {
    expect((await cli('pause', 'bob/people')).stdout).toBe(
      'bob/people is paused: its ticks start nothing until it is resumed.\n',
    );
    expect(await cli('run', 'bob/people')).toMatchObject({
      status: 1,
      stdout: 'bob/people is not started, for it is paused; resume bob/people first.\n',
    });
    await cli('resume', 'bob/people');
    expect(await cli('run', 'bob/people')).toMatchObject({
      status: 0,
      stdout: 'bob/people starts with the next npm start.\n',
    });
    await withServer(async ({ client }) => {
      const { stdout } = await cli('reset', 'bob/people', '--yes');
      expect(stdout).toMatch(/^bob\/people begins at the beginning /);
      const checkpoint = await new DynamoCheckpoints(client, 'Checkpoints').read('bob/people');
      expect(checkpoint).toMatchObject({ state: 'parked', position: null, sequence: 0 });
    });
    expect((await cli('explain', 'bob/people')).stdout).toContain('with the next npm start');
  });
});

describe('pagekeeper check', () => {
  it('asks the simulators, of one connection or all', async () => {
    const { status, stdout } = await cli('check', 'mobaro');
    expect(stdout).toMatch(
      /^✓ mobaro\/users: it answers, and counts \d+ rows\. \(asked the built-in simulator at 127\.0\.0\.1:\d+[^)]*\)\n/,
    );
    expect(status).toBe(0);
  });

  it('needs the key of a vendor that is not simulated', async () => {
    const { status, stderr } = await cli('check', 'mobaro', '--base-url', 'mobaro=live');
    expect([status, stderr]).toEqual([2, expect.stringContaining('MOBARO_API_KEY')]);
  });
});

describe('pagekeeper, of what this machine has not', () => {
  it.each([
    [
      ['secret', 'set', 'mobaro'],
      2,
      '',
      /^No npm start runs on this data.*takes it from --keys-from or MOBARO_API_KEY\. For a deployment add/,
    ],
    [['dead-letters', 'list'], 0, /^There are no queues: npm start does not run/, ''],
    [['dead-letters', 'show', 'bob'], 0, /^There are no queues: npm start does not run/, ''],
    [['dead-letters', 'redrive', 'bob'], 1, /^There are no queues: npm start does not run/, ''],
    [['dead-letters', 'discard', 'bob', '--yes'], 1, /^There are no queues: npm start does not run/, ''],
    [
      ['test-alarm', '--alarm', 'x'],
      2,
      '',
      /^--alarm: Pagekeeper has no such alarm; it has .*watchdog silent/,
    ],
    [['status', '--region', 'eu-west-1'], 2, '', /cannot be used with option/],
  ] as const)(
    'says so of %j',
    async (args, status, out, error) => {
      const ended = await cli(...args);
      expect(ended.status).toBe(status);
      expect(ended.stdout).toMatch(out);
      expect(ended.stderr).toMatch(error);
    },
    120_000,
  );
});

describe('pagekeeper test-alarm, on this machine', () => {
  // Each of the two commands synthesizes the stack.
  it('prints the whole message that a deployment would send to people', async () => {
    const { stdout } = await cli('test-alarm', '--alarm', 'Pagekeeper mobaro unauthorized');
    expect(stdout).toMatch(
      /^On this machine nothing is sent\. .* the function tell-on-call would send .* the topic for pages\.\n\nPAGE Pagekeeper mobaro unauthorized\n\n/,
    );
    expect(stdout).toContain('npx pagekeeper fix mobaro --stack Pagekeeper');
    expect(stdout).toContain('TEST, nothing is wrong: sent by npx pagekeeper test-alarm');
    const asJson = await cli('test-alarm', '--json');
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      schemaVersion: 1,
      results: [{ target: 'Pagekeeper watchdog silent', changed: false, refused: false }],
      // Which CloudWatch itself sends.
      notification: {
        severity: 'page',
        sender: 'CloudWatch',
        subject: 'ALARM: "Pagekeeper watchdog silent" in US East (N. Virginia)',
        message: {
          AlarmName: 'Pagekeeper watchdog silent',
          NewStateValue: 'ALARM',
          NewStateReason: expect.stringMatching(/^TEST, nothing is wrong: sent by npx pagekeeper test-alarm/),
          AlarmDescription: expect.stringContaining('has not completed a round'),
        },
      },
    });
  });
});

describe('pagekeeper allow-deletions', () => {
  it('allows what is held back, and says that nothing is', async () => {
    await withServer(async ({ client }) => {
      const checkpoints = new DynamoCheckpoints(client, 'Checkpoints');
      const checkpoint = await checkpoints.read('mobaro/users');
      if (checkpoint === undefined) throw new Error('mobaro/users has no checkpoint');
      await checkpoints.replace({ ...checkpoint, heldDeletions: { rows: 20, of: 60, since: 1 } });
    });
    expect((await cli('status')).stdout).toContain(
      `    npx pagekeeper allow-deletions mobaro/users --data ${data}\n`,
    );
    expect(await cli('allow-deletions', 'mobaro/users')).toMatchObject({
      status: 2,
      stderr: 'allow-deletions asks first, and there is no terminal to ask on: add --yes.\n',
    });
    expect(await cli('allow-deletions', 'mobaro/users', '--yes')).toEqual({
      status: 0,
      stdout: expect.stringMatching(
        /^Up to 20 of 60 records of mobaro\/users may be deleted by its next run, until \d.*Z\.\n$/,
      ),
      stderr: '',
    });
    await withServer(async ({ client }) => {
      const checkpoint = await new DynamoCheckpoints(client, 'Checkpoints').read('mobaro/users');
      expect(checkpoint).toMatchObject({ allowed: 20 });
    });
    expect((await cli('allow-deletions', 'bob/people')).stdout).toBe(
      'No deletions of bob/people are held back; there is nothing to allow.\n',
    );
  });
});

describe('pagekeeper allow-empty-fields', () => {
  it('asks first, and lets rows be written without fields that come no more', async () => {
    await withServer(async ({ client }) => {
      const checkpoints = new DynamoCheckpoints(client, 'Checkpoints');
      const checkpoint = (await checkpoints.read('bob/people')) ?? newCheckpoint('bob/people');
      const first = { page: 'whole', absent: [] } as const;
      const coverage = { absent: [], first, definition: 'hash', withheld: ['work.title'] };
      await checkpoints.replace({ ...checkpoint, run: null, coverage });
    });
    expect(await cli('allow-empty-fields', 'bob/people')).toMatchObject({
      status: 2,
      stderr: 'allow-empty-fields asks first, and there is no terminal to ask on: add --yes.\n',
    });
    expect(await cli('allow-empty-fields', 'bob/people', '--yes')).toEqual({
      status: 0,
      stdout: 'The rows of bob/people are written by its next run without work, as the vendor gives them.\n',
      stderr: '',
    });
    await withServer(async ({ client }) => {
      const checkpoint = await new DynamoCheckpoints(client, 'Checkpoints').read('bob/people');
      expect(checkpoint?.coverage).toMatchObject({ first: { absent: ['work.title'] }, withheld: [] });
    });
    expect((await cli('allow-empty-fields', 'bob/people')).stdout).toBe(
      'No rows of bob/people wait for fields that come no more; there is nothing to allow.\n',
    );
  });
});

describe('pagekeeper forget', () => {
  it('erases one record, also while npm start has the data open, and says whether there was one', async () => {
    await withServer(async ({ client }) => {
      expect(await script('forget', 'mobaro/users', 'users/60-A', '--yes')).toEqual({
        status: 0,
        stdout:
          'One record of mobaro/users has been erased. The files of its database may still hold it until they are tidied up. If the vendor still gives it, the next run stores it again.\n',
        stderr: '',
      });
      const records = await Array.fromAsync(new DynamoRecords(client, 'Records').scan('mobaro/users'));
      expect(records.map(({ id }) => id)).not.toContain('users/60-A');
      expect(records).toHaveLength(59);
    });
    expect(await cli('forget', 'mobaro/users', 'users/60-A', '--yes')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^There is no record of mobaro\/users with this id; nothing/) as string,
    });
  });

  it('takes an id that begins with a dash behind a --', async () => {
    const ids = ['-1', '--yes'];
    await withServer(async ({ client }) => {
      const rows = ids.map((id) => ({ id, json: '{}', hash: 'h' }));
      const { signal } = new AbortController();
      await new DynamoRecords(client, 'Records').upsert('bob/people', rows, { at: 0, run: 'run-1' }, signal);
    });
    for (const id of ids) {
      // The helper puts --data last, which would be an argument behind a --.
      const { stdout } = await runHere(['forget', 'bob/people', '-y', '--data', data, '--', id]);
      expect(stdout).toMatch(/^One record of bob\/people has been erased\. /);
    }
    expect((await cli('records', 'bob/people')).stdout).toBe('');
  });

  it('refuses without a terminal to ask on, and erases nothing', async () => {
    expect(await script('forget', 'mobaro/users', 'users/59-A')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'forget asks before it erases, and there is no terminal to ask on: add --yes.\n',
    });
    expect((await cli('records', 'mobaro/users')).stdout).toContain('"id":"users/59-A"');
  });

  it('asks on a terminal, before it opens the store', async () => {
    const asked: string[] = [];
    const answers = [false, true];
    const confirm = (question: string): Promise<boolean> => {
      asked.push(question);
      return Promise.resolve(answers.shift() ?? false);
    };
    const forget = async (): Promise<readonly [number, string]> => {
      const out = fakeOutput({ isTTY: true });
      const argv = ['forget', 'mobaro/users', 'users/\u001b59-A', '--data', data];
      const status = await pagekeeper(argv, out, {}, confirm);
      return [status, String(out.read())];
    };

    expect(await forget()).toEqual([1, 'Nothing has been erased.\n']);
    expect(await forget()).toEqual([0, expect.stringContaining('There is no record of mobaro/users with')]);
    expect(asked).toEqual(
      Array(2).fill(`Erase the record users/ 59-A of mobaro/users in ${data}? It cannot be had back. [y/N] `),
    );
  });

  it.each([
    [['forget', 'mobaro/users', '-secret-id', '--yes'], /^forget takes a stream and an id/],
    [['forget', 'mobaro/users', 'secret-id', 'more', '--yes'], /^forget takes a stream and an id/],
    [['forget', 'mobaro/users', '', '--yes'], /^forget takes a stream and an id/],
    [['forget', 'secret-id', 'mobaro/users', '--yes'], /^There is no such stream; known are mobaro\/users, /],
  ])('does not repeat an id that it does not understand (%j)', async (args, message) => {
    const { status, stdout, stderr } = await cli(...args);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret-id');
  });
});

describe('pagekeeper, by npm run from another folder', () => {
  it('means a path from where it was typed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
    const typed = { INIT_CWD: folder, npm_package_name: 'pagekeeper', npm_lifecycle_event: 'pagekeeper' };
    try {
      const args = ['export', 'mobaro/users', '--format', 'ndjson', '--out', 'users.ndjson', '--data', data];
      expect(await runScript('cli', args, typed)).toMatchObject({ status: 0, stderr: '' });
      await access(join(folder, 'users.ndjson'), constants.R_OK);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('pagekeeper, used wrongly', () => {
  const known = 'mobaro/users, mobaro/webhooks, bob/people';

  it.each([
    [['records', 'mobaro/x'], /^There is no such stream.*; known are mobaro\/users, /],
    [['resume', 'mobaro/x'], /^There is no such stream.*; known are mobaro\/users, /],
    [['allow-deletions', 'mobaro/x'], /^There is no such stream.*; known are mobaro\/users, /],
    [['resume', 'x'], `There is no such connection; known are mobaro, bob, and the streams ${known}.`],
    [['resume', 'users'], /^There is no such connection \(did you mean mobaro\/users\?\); known are /],
    [['explain', 'users'], /^There is no such stream \(did you mean mobaro\/users\?\); known are /],
    [['explain', 'mobaro'], 'explain takes a stream: mobaro/users, mobaro/webhooks.'],
    [['fix', 'mobaro/users'], 'fix takes a connection: mobaro.'],
    [['check', 'bob/people'], 'check takes a connection: bob.'],
    [['records'], "Missing required argument 'stream'. npx pagekeeper records --help shows what is allowed."],
    [
      ['explain', 'mobaro/users', 'extra'],
      'There is 1 argument too many. npx pagekeeper explain --help shows what is allowed.',
    ],
    [
      ['resume', 'bob', 'a', 'b'],
      'There are 2 arguments too many. npx pagekeeper resume --help shows what is allowed.',
    ],
    [
      ['forget', 'mobaro/users'],
      "Missing required argument 'id'. npx pagekeeper forget --help shows what is allowed.",
    ],
    [
      ['status', 'extra'],
      'There is 1 argument too many. npx pagekeeper status --help shows what is allowed.',
    ],
    [['changes', 'replay', 'extra'], /npx pagekeeper changes replay --help shows what is allowed\.$/],
    [
      ['secret', 'st'],
      'There is no such command (Did you mean set?). npx pagekeeper secret --help shows what is allowed.',
    ],
    [['nonsense'], 'There is no such command. npx pagekeeper --help shows what is allowed.'],
    [['status', '--stack', 'S'], /^Option '--stack <name>' cannot be used with option '--data <dir>'/],
  ])('says so of %j and ends with 2', async (args, message) => {
    const { status, stdout, stderr } = await cli(...args);

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd()).toMatch(message);
  });

  it.each([
    [['--data', ''], '--data takes the name of a folder, and was given nothing.\n'],
    [['--stack', ''], '--stack takes the name of a stack, such as Pagekeeper, and was given nothing.\n'],
    [
      ['--stack', 'a b'],
      '--stack takes the name of a stack (letters, digits and hyphens), such as Pagekeeper.\n',
    ],
  ])('does not take %j for a store', async (args, stderr) => {
    expect(await runHere(['status', ...args])).toEqual({ status: 2, stdout: '', stderr });
  });

  it('says where there is no data yet', async () => {
    const nowhere = join(data, 'nowhere');

    expect(await runHere(['status', '--data', nowhere])).toEqual({
      status: 2,
      stdout: '',
      stderr: `There is no data in ${nowhere} yet: run npm start first, or name its folder with --data.\n`,
    });
  });

  it.each([
    ['secret', 'secret takes one of: set. npx pagekeeper secret --help shows how.'],
    ['dead-letters', 'dead-letters takes one of: list, show, redrive, discard. '],
  ])('asks what to do with %s', async (group, message) => {
    await expect(pagekeeper([group], fakeOutput(), {}, null)).rejects.toThrow(message);
  });

  it('asks for a command', async () => {
    expect(await runScript('cli', [])).toMatchObject({ status: 2, stdout: '' });
  });

  it('ends its process with 2 for a wrong word, and with 1 for what cannot be done', async () => {
    expect(await script('nonsense')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'There is no such command. npx pagekeeper --help shows what is allowed.\n',
    });
    await cli('pause', 'bob/people');
    expect(await script('run', 'bob/people')).toMatchObject({ status: 1, stderr: '' });
  });
});

describe('the script', () => {
  it('can be executed, as npx does', async () => {
    await expect(
      access(new URL('../../bin/pagekeeper.js', import.meta.url), constants.X_OK),
    ).resolves.toBeUndefined();
  });

  it('helps with each command, and gives examples', async () => {
    const { stdout } = await runHere(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z-]+) \[options\]/gm)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(9);
    for (const name of names) {
      const out = fakeOutput();
      await pagekeeper([name, '--help'], out, {}, null);
      expect(String(out.read()), name).toMatch(/Examples:\n {2}npx pagekeeper |Examples:\n {2}MOBARO/);
    }
  });

  it('helps', async () => {
    expect(await runScript('cli', ['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('npx pagekeeper resume mobaro') as string,
    });
  });
});

describe('survivingScan', () => {
  it('goes on behind the last record when the npm start that was asked has ended', async () => {
    const stamp = { stream: 's', json: '{}', firstSeenAt: '', changedAt: '', deletedAt: null };
    const source = (breakAfter: number) => ({
      async *scan() {
        for (const [index, id] of ['a', 'b', 'c'].entries()) {
          if (index === breakAfter) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
          yield { ...stamp, id };
        }
      },
    });
    const opened: boolean[] = [];
    const records = survivingScan('s', (again) => {
      opened.push(again);
      return Promise.resolve(source(again ? 3 : 2));
    });

    expect((await Array.fromAsync(records)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(opened).toEqual([false, true]);
  });
});
