import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { DeleteMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';

import { pagekeeper } from '../../../infra/cli/program.ts';
import { inWords } from '../../../infra/end-with.ts';
import { queueIdOf, topicIdOf } from '../../../infra/settings/names.ts';
import {
  startSimulatedVendor,
  type SimulatedVendor,
} from '../../../infra/simulators/start-simulated-vendor.ts';
import type { AskHidden } from '../../../infra/terminal/ask-hidden.ts';
import type { Confirm } from '../../../infra/terminal/confirm.ts';
import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { DynamoCheckpoints } from '../../../lib/aws/dynamo-checkpoints.ts';
import { decodePageMessage, encodePageMessage } from '../../../lib/aws/page-message-body.ts';
import { settingsFile } from '../../../lib/runtime/settings-document.ts';
import { bindSyncDependencies } from '../../../lib/runtime/sync-dependencies.ts';
import { actCommands, type ActCommand } from '../../../lib/sync/audit.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { syncPage } from '../../../lib/sync/sync-page.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from '../../support/embedded-queues.ts';
import { fakeOutput } from '../../support/fake-output.ts';
import { startHttpServer } from '../../support/http-server.ts';
import { pageOf } from '../../support/sync-world.ts';
import { callerOfStack, startStackServer, type StackServer } from '../../support/stack-server.ts';

const stack = 'Pagekeeper-try';
const users = 'mobaro/users';
const pagesTopic = 'arn:aws:sns:eu-west-1:123456789012:topic';

let home: string;
let dynamoDb: EmbeddedDynamoDb;
let queues: EmbeddedQueues;
let aws: StackServer;
let vendor: SimulatedVendor;
let checkpoints: DynamoCheckpoints;
let pages: string;
let deadLetters: string;

/** What a stack has, behind the endpoints that the SDK is pointed at: nothing else is told to the commands. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
  dynamoDb = await startEmbeddedDynamoDb();
  queues = await startEmbeddedQueues();
  aws = await startStackServer(stack);
  vendor = await startSimulatedVendor('mobaro', { faults: [] });
  for (const [part, keys] of [
    ['Checkpoints', ['pk']],
    ['Records', ['stream', 'id']],
  ] as const) {
    await dynamoDb.client.send(
      new CreateTableCommand({
        TableName: `${stack}-Tables${part}1A2B3C4D-AAA`,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
        KeySchema: keys.map((key, index) => ({
          AttributeName: key,
          KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
        })),
      }),
    );
  }
  checkpoints = new DynamoCheckpoints(dynamoDb.client, `${stack}-TablesCheckpoints1A2B3C4D-AAA`);
  for (const connection of ['mobaro', 'bob']) {
    for (const part of ['Pages', 'DeadLetters'] as const) {
      const url = await queues.createQueue(`${stack}-${connection}-${part}`);
      const logicalId = queueIdOf(connection, part);
      aws.resources.push({ type: 'AWS::SQS::Queue', logicalId, physicalId: url });
      if (connection !== 'mobaro') continue;
      if (part === 'Pages') pages = url;
      else deadLetters = url;
    }
    aws.secrets.set(`${stack}/${connection}`, JSON.stringify({ apiKey: 'REPLACE_ME' }));
  }
  for (const part of ['Checkpoints', 'Records']) {
    aws.outputs.set(`${part}TableName`, `${stack}-Tables${part}1A2B3C4D-AAA`);
  }
  aws.resources.push(
    { type: 'AWS::SNS::Topic', logicalId: topicIdOf('page'), physicalId: pagesTopic },
    { type: 'AWS::SNS::Topic', logicalId: topicIdOf('ticket'), physicalId: `${pagesTopic}-2` },
    { type: 'AWS::SNS::Topic', logicalId: topicIdOf('page', 'machines'), physicalId: `${pagesTopic}-3` },
    { type: 'AWS::SNS::Topic', logicalId: topicIdOf('ticket', 'machines'), physicalId: `${pagesTopic}-4` },
    { type: 'AWS::CloudWatch::Alarm', logicalId: 'A', physicalId: `${stack} bob unauthorized` },
    { type: 'AWS::CloudWatch::Alarm', logicalId: 'B', physicalId: `${stack} watchdog silent` },
    { type: 'AWS::CloudWatch::Alarm', logicalId: 'C', physicalId: `${stack} bob undelivered` },
    { type: 'AWS::CloudFormation::Stack', logicalId: 'D', physicalId: 'arn:aws:cloudformation:nested' },
  );
  aws.nested.set('arn:aws:cloudformation:nested', [
    { type: 'AWS::CloudWatch::Alarm', logicalId: 'A', physicalId: `${stack} mobaro, unauthorized` },
  ]);
  const variables = {
    ...{ HOME: home, AWS_REGION: 'eu-west-1', AWS_MAX_ATTEMPTS: '1', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ACCESS_KEY_ID: 'made-up', AWS_SECRET_ACCESS_KEY: 'made-up' },
    ...{ AWS_ENDPOINT_URL_DYNAMODB: dynamoDb.endpoint, AWS_ENDPOINT_URL_SQS: queues.endpoint },
    ...{ AWS_ENDPOINT_URL_SNS: aws.origin, AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.origin },
    ...{ AWS_ENDPOINT_URL_CLOUDFORMATION: aws.origin, AWS_ENDPOINT_URL_CLOUDWATCH: aws.origin },
    ...{ AWS_ENDPOINT_URL_LAMBDA: aws.origin },
    ...{ AWS_ENDPOINT_URL_STS: aws.origin },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([dynamoDb.stop(), queues.stop(), aws.stop(), vendor.close()]);
  await rm(home, { recursive: true });
});

beforeEach(() => {
  aws.changes.length = 0;
});

interface Person {
  readonly confirm?: Confirm | null;
  readonly askHidden?: AskHidden | null;
  readonly input?: string;
  readonly isTTY?: boolean;
  /** In place of the one that there is. */
  readonly stack?: string;
}

/** As a shell would have it: exit status, output and the one sentence of an error. */
async function cli(args: readonly string[], person: Person = {}) {
  const out = fakeOutput();
  // Read while it is written: a pipe that nobody reads takes 16 KB, and then waits.
  const stdout = text(out);
  const { confirm = null, askHidden = null, input = '', isTTY = false } = person;
  const ended = async (status: number, error: string) => {
    out.end();
    return { status, stdout: await stdout, error };
  };
  try {
    const argv = [...args, '--stack', person.stack ?? stack];
    const context = { askHidden, input: Object.assign(Readable.from([input]), { isTTY }) };
    return await ended(await pagekeeper(argv, out, process.env, confirm, context), '');
  } catch (error) {
    return ended(2, inWords(error));
  }
}

const json = async (...args: readonly string[]) =>
  JSON.parse((await cli([...args, '--json'])).stdout) as Record<string, never>;

async function store(more: Partial<Checkpoint>, stream = users): Promise<void> {
  const revision = (await checkpoints.read(stream))?.revision ?? 0;
  await checkpoints.replace({ ...newCheckpoint(stream), ...more, revision });
}

/** The bodies of a queue, oldest first, which are then gone. */
async function emptied(url: string): Promise<string[]> {
  const bodies: string[] = [];
  for (;;) {
    const body = await taken(url, 0);
    if (body === undefined) return bodies;
    bodies.push(body);
  }
}

/** The body of a message that is gone then. */
async function taken(url: string, waitSeconds: number): Promise<string | undefined> {
  const message = await queues.receive(url, waitSeconds);
  if (message === undefined) return undefined;
  const { ReceiptHandle } = message;
  await queues.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
  return message.Body;
}

describe('run, pause, resume and reset of a deployment', () => {
  it('sends the message that carries the run, and none the second time', async () => {
    expect(await cli(['run', users])).toEqual({ status: 0, stdout: 'mobaro/users starts now.\n', error: '' });
    expect((await cli(['run', users])).stdout).toBe('mobaro/users is under way already.\n');

    const checkpoint = await checkpoints.read(users);
    expect(checkpoint).toMatchObject({ state: 'running', sequence: 0 });
    const message = { v: 1, stream: users, run: checkpoint?.run ?? '', sequence: 0 } as const;
    expect(await emptied(pages)).toEqual([encodePageMessage(message)]);
  });

  it('pauses and resumes, one stream or all of a connection', async () => {
    expect((await cli(['pause', users])).stdout).toMatch(/^mobaro\/users is paused/);
    expect(await checkpoints.read(users)).toMatchObject({ state: 'paused', outcome: 'paused' });
    expect((await json('run', users))['results']).toMatchObject([{ changed: false, refused: true }]);
    expect((await cli(['run', users])).status).toBe(1);

    expect((await json('pause', 'mobaro'))['results']).toHaveLength(4);
    const { stdout } = await cli(['resume', 'mobaro', '--no-wait']);
    expect(stdout.trimEnd().split('\n')).toHaveLength(5);
    expect(stdout).toMatch(
      /^mobaro\/users goes on at the beginning: resumed \d\d:\d\d UTC, tries by \d\d:\d\d\.$/m,
    );
    const { state, run } = (await checkpoints.read(users)) ?? {};
    expect(state).toBe('running');
    expect(await emptied(pages)).toEqual([
      encodePageMessage({ v: 1, stream: users, run: run ?? '', sequence: 0 }),
    ]);
    expect((await cli(['status'])).stdout).not.toContain('paused');
  });

  it('waits after a resume for what comes of its page, and says it', async () => {
    const halt = { outcome: 'missing', at: 1, definition: 'd' } as const;
    const open = { run: 'run-1', sequence: 3, state: 'halted', outcome: 'missing', halt } as const;
    /** As a page would that its message has brought. */
    const onceSent = async (page: Partial<Checkpoint>): Promise<void> => {
      while ((await emptied(pages)).length === 0) await sleep(50);
      await store({ ...open, halt: null, ...page });
    };
    await store(open);
    const [moved] = await Promise.all([
      cli(['resume', users]),
      onceSent({ state: 'running', outcome: 'running', sequence: 4 }),
    ]);
    expect(moved).toEqual({
      ...{ status: 0, error: '' },
      stdout: 'mobaro/users has gone on at the beginning: its run is under way.\n',
    });
    await store(open);
    const [halted] = await Promise.all([
      cli(['resume', users]),
      onceSent({ ...open, lastStatus: 404, reason: 'HTTP 404' }),
    ]);
    expect(halted).toEqual({
      ...{ status: 1, error: '' },
      stdout:
        'mobaro/users was tried at the beginning, and is halted again: the vendor knows no such stream (404).\n',
    });
  });

  it('resets to an offset, and asks before', async () => {
    const asked: string[] = [];
    const no: Confirm = (question) => {
      asked.push(question);
      return Promise.resolve(false);
    };
    expect(await cli(['reset', users], { confirm: no })).toMatchObject({
      status: 1,
      stdout: 'Nothing has been changed.\n',
    });
    expect(asked).toEqual([expect.stringMatching(/^Begin mobaro\/users in the stack Pagekeeper-try anew/)]);
    expect(await cli(['reset', users])).toMatchObject({ status: 2, error: expect.stringContaining('--yes') });

    expect(await cli(['reset', users, '--position', '40', '--yes'])).toMatchObject({ status: 0 });
    expect(await checkpoints.read(users)).toMatchObject({ position: { offset: 40, blind: true } });
    expect(await cli(['reset', 'bob/people', '--position', '4', '--yes'])).toMatchObject({ status: 1 });
  });

  it('acts on all, with --yes', async () => {
    expect(await cli(['pause', '--all'])).toMatchObject({
      status: 2,
      error: expect.stringContaining('--yes'),
    });
    await cli(['pause', '--all', '--yes']);
    expect((await json('resume', '--all', '--yes', '--no-wait'))['results']).toHaveLength(7);
    expect((await cli(['resume', '--all', '--yes', '--no-wait'])).stdout).toBe('Nothing stands still.\n');
    expect((await json('run', '--all', '--yes'))['results']).toHaveLength(7);
    expect((await json('reset', '--all', '--yes'))['results']).toHaveLength(7);
    await emptied(pages);
  });

  it.each([
    [['run'], 'run takes a stream, such as mobaro/users, a connection, such as mobaro, or --all.'],
    [['pause', users, '--all'], 'pause takes a stream or connection, or --all, not both.'],
    [['reset', 'mobaro', '--position', '5', '--yes'], /^--position is for one stream/],
    [['reset', users, '--position', '-1', '--yes'], /whole number of rows/],
    [['run', 'nowhere', '--yes'], /^There is no such connection; known are mobaro, bob/],
  ] as const)('says what is wrong with %j', async (args, words) => {
    const { status, error } = await cli(args);
    expect(status).toBe(2);
    expect(error).toMatch(words);
  });
});

describe('status and explain of a deployment', () => {
  it('tell the next tick, the limits, and the last runs', async () => {
    await store({ outcome: 'complete', outcomeAt: 5, completedAt: 5, lastTick: 5 });
    const status = await json('status');
    expect(status['streams']).toMatchObject([
      { stream: users, nextTickAt: expect.stringMatching(/Z$/) },
      ...Array<object>(6).fill({}),
    ]);
    expect(status['limits']).toMatchObject([{ limitScope: 'mobaro', used: 0 }, {}, {}, {}]);
    expect((await cli(['status'])).stdout).toMatch(/next tick/);

    await cli(['pause', users]);
    const explained = await json('explain', users);
    expect(explained).toMatchObject({
      schemaVersion: 1,
      stream: users,
      runs: [{ events: [{ what: 'complete' }] }, { events: [{ what: 'paused' }] }],
    });
    expect((await cli(['explain', users])).stdout).toMatch(
      /Next: A person has paused it\. .* after:\n {4}npx pagekeeper resume mobaro\/users --stack Pagekeeper-try\n$/,
    );
  });

  it('redraws nothing that is no terminal', async () => {
    expect(await cli(['status', '--watch'])).toMatchObject({
      status: 2,
      error: expect.stringMatching(/^--watch/),
    });
  });
});

describe('check of a deployment', () => {
  const check = () => cli(['check', 'mobaro', '--base-url', `mobaro=${vendor.url}`]);

  it('tells a placeholder, a bad key and a good one, and asks a bad one once', async () => {
    expect(await check()).toMatchObject({ status: 1, stdout: expect.stringContaining('has no apiKey yet') });

    aws.secrets.set(`${stack}/mobaro`, JSON.stringify({ apiKey: 'not-the-key' }));
    const before = vendor.requests.length;
    const refused = await check();
    expect(refused).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('the vendor refuses the key'),
    });
    expect(refused.stdout).not.toContain('not-the-key');
    expect(vendor.requests.length - before).toBe(1);

    aws.secrets.set(`${stack}/mobaro`, JSON.stringify(vendor.secret));
    const { status, stdout } = await check();
    expect([status, stdout.match(/^✓ mobaro\/\w+: it answers/gm)?.length]).toEqual([0, 4]);
  });

  it('says who has yet to confirm, and nothing of the key in an address', async () => {
    aws.subscriptions.push(
      { topic: pagesTopic, arn: `${pagesTopic}:x`, protocol: 'email', endpoint: 'a@example.com' },
      {
        topic: `${pagesTopic}-3`,
        arn: 'PendingConfirmation',
        protocol: 'https',
        endpoint: 'https://pager.example/key-1',
      },
    );
    const { stdout } = await cli(['check', '--base-url', `mobaro=${vendor.url}`]);
    expect(stdout).toContain('on-call: https pager.example has not confirmed that it wants pages');
    expect(stdout).not.toContain('key-1');
  });
});

describe('secret set', () => {
  const put = () =>
    aws.changes.map(({ operation, input }) => [operation, input['SecretId'], input['SecretString']]);

  it('stores what comes on standard input, and does not repeat it', async () => {
    await new DynamoBreakers(dynamoDb.client, `${stack}-TablesCheckpoints1A2B3C4D-AAA`).replace({
      ...newBreaker('bob'),
      ...{ state: 'open', secretVersion: 'v0', openedAt: 1 },
    });
    aws.secrets.set(`${stack}/bob`, '{"serviceUserId":"REPLACE_ME","maskKey":"kept"}');
    const input = JSON.stringify({ serviceUserId: 'SERVICE-1', serviceUserToken: ' made-up-token\n' });
    const { status, stdout } = await cli(['secret', 'set', 'bob'], { input });

    expect([status, stdout]).toEqual([
      0,
      'A new version of Pagekeeper-try/bob is stored: the sync notices it within five minutes, tries it with one page, and goes on if that gets through.\n',
    ]);
    const kept = '{"serviceUserId":"SERVICE-1","maskKey":"kept","serviceUserToken":"made-up-token"}';
    expect(put()).toEqual([['PutSecretValue', `${stack}/bob`, kept]]);
  });

  describe("of a user's own", () => {
    const secret = 'company/hibob';
    const set = () =>
      cli(['secret', 'set', 'bob'], { input: '{"serviceUserId":"S","serviceUserToken":"T"}' });
    beforeEach(() => {
      aws.metadata.set('Pagekeeper', { connections: { bob: { secret } } });
    });
    afterEach(() => {
      aws.metadata.clear();
      aws.secrets.delete(secret);
    });

    it('leaves what else is in it', async () => {
      aws.secrets.set(secret, '{"usedByOthers":9007199254740993,"serviceUserId":"old","maskKey":"kept"}');
      expect(await set()).toMatchObject({ status: 0 });
      const value =
        '{"usedByOthers":9007199254740993,"serviceUserId":"S","maskKey":"kept","serviceUserToken":"T"}';
      expect(put()).toEqual([['PutSecretValue', secret, value]]);
    });

    it('is not overwritten if it is something else', async () => {
      aws.secrets.set(secret, 'hidden-1');
      const { status, error } = await set();
      expect([status, put()]).toEqual([2, []]);
      expect(error).toBe(
        '--stack: what is in the secret company/hibob is no JSON object, and is left as it is; connections.bob.secret of cdk.json names it.',
      );
    });

    it('is said to be missing, with the setting that names it', async () => {
      expect((await set()).error).toMatch(/look at .*, or at connections\.bob\.secret in cdk\.json\.$/);
      const { stdout } = await cli(['check', 'bob']);
      expect(stdout).toContain('bob: its secret is not in this account and region.');
    });
  });

  it('asks for each field on a terminal', async () => {
    const asked: string[] = [];
    const askHidden: AskHidden = (question) => {
      asked.push(question);
      return Promise.resolve('typed-key');
    };
    expect(await cli(['secret', 'set', 'mobaro'], { askHidden })).toMatchObject({ status: 0 });
    expect(asked).toEqual(["Mobaro's apiKey (not shown): "]);
    // There was none to keep: one is made up.
    const secret = expect.stringMatching(/^\{"apiKey":"typed-key","maskKey":"[\w-]{43}"\}$/);
    expect(put()).toEqual([['PutSecretValue', `${stack}/mobaro`, secret]]);
    const gone: AskHidden = () => Promise.resolve(null);
    expect(await cli(['secret', 'set', 'mobaro'], { askHidden: gone })).toMatchObject({ status: 1 });
    // Nobody can be asked on one whose errors go elsewhere.
    const { error } = await cli(['secret', 'set', 'mobaro'], { isTTY: true });
    expect(error).toMatch(/pipe it in, or leave standard error on the terminal\.$/);
  });

  it.each([
    ['not json: hidden-1', /is not JSON\.$/],
    ['{"apiKey":"REPLACE_ME"}', /apiKey is still the placeholder\.$/],
    ['{"apiKey":""}', /apiKey is empty\.$/],
    ['{"apikey":"hidden-1"}', /takes apiKey and nothing else\.$/],
    ['{"apiKey":"hidden-1\\u00e9"}', /characters that HTTP does not allow\.$/],
    ['["hidden-1"]', /JSON object with apiKey\.$/],
  ])('refuses %j and does not repeat it', async (input, words) => {
    const { status, error } = await cli(['secret', 'set', 'mobaro'], { input });
    expect(status).toBe(2);
    expect(error).toMatch(words);
    expect(error).not.toContain('hidden-1');
    expect(aws.changes).toEqual([]);
  });
});

describe('fix', () => {
  const put = () => aws.changes.filter(({ operation }) => operation === 'PutSecretValue');
  const halt = { outcome: 'unauthorized', at: 1, definition: 'd' } as const;
  const halted = { state: 'halted', outcome: 'unauthorized', run: 'run-1', sequence: 3, halt } as const;
  const breakers = () => new DynamoBreakers(dynamoDb.client, `${stack}-TablesCheckpoints1A2B3C4D-AAA`);

  async function storeBreaker(
    state: 'open' | 'closed',
    secretVersion: string | null,
    connection = 'mobaro',
  ): Promise<void> {
    const { revision } = await breakers().read(connection);
    await breakers().replace({
      ...newBreaker(connection),
      ...{ state, secretVersion, openedAt: 1, revision },
    });
  }

  /** What a page would do that a message has brought. */
  async function onceSent(page: Partial<Checkpoint>, breaker: 'open' | 'closed'): Promise<void> {
    while ((await emptied(pages)).length === 0) await sleep(50);
    await storeBreaker(breaker, breaker === 'open' ? 'v1' : null);
    await store({ ...halted, ...page });
  }

  const asking = (answer: string | null) => {
    const asked: string[] = [];
    const confirm: Confirm = (question) => {
      asked.push(question);
      return Promise.resolve(true);
    };
    const askHidden: AskHidden = (question) => {
      asked.push(question);
      return Promise.resolve(answer);
    };
    return { asked, confirm, askHidden };
  };

  beforeEach(async () => {
    aws.secrets.set(`${stack}/mobaro`, JSON.stringify({ apiKey: 'old', maskKey: 'kept' }));
    await storeBreaker('open', 'v1');
    await storeBreaker('closed', null, 'bob');
    aws.secrets.set(`${stack}/bob`, '{"serviceUserId":"S","serviceUserToken":"T","maskKey":"kept"}');
    await store(halted);
  });
  afterEach(async () => {
    await storeBreaker('closed', null);
    await store({});
  });

  it('asks for a new key, stores it, has one page tried with it, and ends green', async () => {
    const person = asking('typed-key');
    const [ended] = await Promise.all([
      cli(['fix', 'mobaro', '--why', 'ticket 7'], person),
      onceSent({ state: 'running', outcome: 'running', halt: null, sequence: 4 }, 'closed'),
    ]);
    expect(person.asked).toEqual([
      'mobaro in the stack Pagekeeper-try: the vendor refused its key (401). One page is tried then. Fix it now? [y/N] ',
      "Mobaro's apiKey (not shown; Enter alone tries the stored one again): ",
    ]);
    expect(put().map(({ input }) => input['SecretString'])).toEqual([
      '{"apiKey":"typed-key","maskKey":"kept"}',
    ]);
    expect(ended).toEqual({
      ...{ status: 0, error: '' },
      stdout:
        '✓ A new key of mobaro is stored.\n' +
        '✓ The key of mobaro is good: mobaro/users has gone on at the beginning: its run is under way.\n',
    });
    const [entry] = (await json('audit'))['entries'] as unknown as readonly object[];
    expect(entry).toMatchObject({ command: 'fix', target: 'mobaro', why: 'ticket 7', outcome: 'changed' });
    expect(JSON.stringify(entry)).not.toContain('typed-key');
  });

  it('tries the stored key again where none is typed, and ends with the reason where it is refused', async () => {
    const [ended] = await Promise.all([cli(['fix'], asking(null)), onceSent({}, 'open')]);
    expect(put()).toEqual([]);
    expect(ended).toEqual({
      ...{ status: 1, error: '' },
      stdout: '✗ The vendor refused the key of mobaro again (401).\n',
    });
  });

  it('says that the key is good where the stream that tried it is not found, and what to type for that one', async () => {
    const missing = { outcome: 'missing', halt: { ...halt, outcome: 'missing' }, sequence: 4 } as const;
    const [ended] = await Promise.all([
      cli(['fix', 'mobaro'], asking('typed-key')),
      onceSent({ ...missing, lastStatus: 404, reason: 'HTTP 404' }, 'closed'),
    ]);
    expect(ended).toEqual({
      ...{ status: 1, error: '' },
      stdout:
        '✓ A new key of mobaro is stored.\n' +
        '✓ The key of mobaro is good.\n' +
        '✗ mobaro/users was tried at the beginning, and is halted: the vendor knows no such stream (404). ' +
        `Once that is put right: npx pagekeeper resume mobaro/users --stack ${stack}\n`,
    });
  });

  it('asks for no key where another one is stored already, nor where a stream is halted for itself', async () => {
    await storeBreaker('open', 'v0');
    const another = asking('typed-key');
    const moved = { state: 'running', outcome: 'running', halt: null, sequence: 4 } as const;
    await Promise.all([cli(['fix', 'mobaro'], another), onceSent(moved, 'closed')]);
    const missing = { outcome: 'missing', at: 1, definition: 'd' } as const;
    await store({ ...halted, outcome: 'missing', halt: missing });
    const own = asking('typed-key');
    const [ended] = await Promise.all([cli(['fix', 'mobaro'], own), onceSent(moved, 'closed')]);

    expect([another.asked.length, own.asked.length, put()]).toEqual([1, 1, []]);
    expect(own.asked[0]).toContain('mobaro/users is halted: the vendor knows no such stream (404).');
    expect(ended.stdout).toBe('✓ mobaro/users has gone on at the beginning: its run is under way.\n');

    // Another try alone would be forbidden as well.
    await store({ ...halted, outcome: 'forbidden', halt: { ...halt, outcome: 'forbidden' } });
    const forbidden: string[] = [];
    const no: Confirm = (question) => Promise.resolve(forbidden.push(question) === 0);
    await cli(['fix', 'mobaro'], { confirm: no });
    expect(forbidden[0]).toMatch(
      /\(403\)\. Its key has to be given the access at the vendor first\. One page is tried then\. Try it now\? \[y\/N\] $/,
    );
  });

  it('does nothing where the answer is no, where nothing stands still, or where a key is missing', async () => {
    const no: Confirm = () => Promise.resolve(false);
    expect(await cli(['fix', 'mobaro'], { confirm: no })).toMatchObject({ status: 1 });
    expect(await checkpoints.read(users)).toMatchObject({ state: 'halted' });
    expect(await cli(['fix', 'mobaro'])).toMatchObject({
      status: 2,
      error: expect.stringContaining('--yes'),
    });

    await storeBreaker('closed', null);
    await store({ state: 'paused', outcome: 'paused' });
    expect(await cli(['fix', 'mobaro'])).toMatchObject({
      status: 0,
      stdout:
        'Nothing stands still of mobaro but what a person has paused.\n' +
        `mobaro/users is paused: npx pagekeeper resume mobaro/users --stack ${stack}\n`,
    });
    await store({});
    expect((await cli(['fix', 'mobaro'])).stdout).toBe('Nothing stands still of mobaro.\n');

    aws.secrets.set(`${stack}/mobaro`, '{"apiKey":"REPLACE_ME","maskKey":"kept"}');
    expect(await cli(['fix', 'mobaro', '--yes'])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('✗ The secret of mobaro is not filled in, and no key was given.\n'),
    });
    const { status, error } = await cli(['fix', 'mobaro', '--yes'], asking('hidden-1\u00e9'));
    expect([status, error]).toEqual([2, expect.stringMatching(/characters that HTTP does not allow\.$/)]);
    expect(error).not.toContain('hidden-1');
    expect(await emptied(pages)).toEqual([]);
  });

  /** The functions of a deployment, whose vendor lets one key through. */
  async function startFunctions() {
    let accepted = 'the-old-key';
    const own = await startHttpServer((request, response) => {
      const isGood = request.headers['x-api-key'] === accepted;
      const { searchParams } = new URL(request.url, 'http://vendor');
      const page = pageOf(60, Number(searchParams.get('Offset')), Number(searchParams.get('Limit')));
      response
        .writeHead(isGood ? 200 : 401, { 'content-type': 'application/json' })
        .end(JSON.stringify(isGood ? page.body : {}));
    });
    const mobaro = {
      ...{ name: 'mobaro', connector: 'mobaro', baseUrl: own.origin, timeoutSeconds: 30 },
      ...{ secretName: `${stack}/mobaro`, streams: { users: { gapSeconds: 900, pageSize: 20 } } },
    };
    await writeFile(join(home, settingsFile), JSON.stringify({ connections: [mobaro] }));
    const variables = {
      ...{ PAGEKEEPER_DEPLOYMENT: stack, LAMBDA_TASK_ROOT: home },
      PAGEKEEPER_CHECKPOINTS_TABLE: aws.outputs.get('CheckpointsTableName'),
      // The stack's own stays empty for the other tests.
      PAGEKEEPER_RECORDS_TABLE: dynamoDb.recordsTable,
      PAGEKEEPER_QUEUES: JSON.stringify({ mobaro: pages }),
    };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const deps = { ...bindSyncDependencies(), measurements: { troubles: () => undefined } };
    // The commands find the tables by the stack.
    for (const name of Object.keys(variables)) vi.stubEnv(name, undefined);
    const { signal } = new AbortController();
    const sync = async (trigger: Parameters<typeof syncPage>[0]): ReturnType<typeof syncPage> => {
      const page = await syncPage(trigger, deps, signal);
      const { next, stream, run, sequence, delaySeconds } = page;
      if (next !== 'redrive' || run === null) return page;
      // It has to wait for the limit that all calls share.
      await sleep((delaySeconds ?? 0) * 1000);
      return sync({ kind: 'message', message: { v: 1, stream, run, sequence } });
    };
    return {
      accept(key: string): void {
        accepted = key;
      },
      tick: () => sync({ kind: 'tick', stream: users, scheduledAt: Date.now() }),
      /** The next page that a message asks for, once there is one. */
      async page() {
        let body = await taken(pages, 1);
        while (body === undefined) body = await taken(pages, 1);
        const read = decodePageMessage(body);
        if (read.kind !== 'page') throw new Error('What is in the queue is no page');
        return sync({ kind: 'message', message: read.message });
      },
      stop: () => own.stop(),
    };
  }

  it('gives a deployment its new key as docs/on-call.md shows it', async () => {
    await storeBreaker('closed', null);
    await checkpoints.replace({
      ...newCheckpoint(users),
      revision: (await checkpoints.read(users))?.revision ?? 0,
    });
    aws.secrets.set(`${stack}/mobaro`, JSON.stringify({ apiKey: 'the-old-key' }));
    const functions = await startFunctions();
    await functions.tick();
    await functions.page();
    functions.accept('the-new-key');
    expect(await functions.page()).toMatchObject({ outcome: 'unauthorized' });

    const { asked, ...person } = asking('the-new-key');
    const [ended] = await Promise.all([cli(['fix', 'mobaro'], person), functions.page()]);
    const shown = [
      `npx pagekeeper fix mobaro --stack ${stack}`,
      '',
      `${asked[0] ?? ''}y`,
      asked[1]?.trim(),
      ended.stdout,
    ];
    expect(ended.status).toBe(0);
    const doc = await readFile(new URL('../../../docs/on-call.md', import.meta.url), 'utf8');
    expect(doc).toContain(`\n\`\`\`text\n${shown.join('\n').replaceAll(stack, 'Pagekeeper')}\`\`\`\n`);
    // It goes on by itself from there.
    while ((await functions.page()).next === 'continue');
    expect(await checkpoints.read(users)).toMatchObject({ state: 'idle', outcome: 'complete' });
    await functions.stop();
  });
});

describe('dead-letters', () => {
  const letters = async (): Promise<unknown> => (await json('dead-letters', 'list'))['connections'];
  const send = (body: string) =>
    queues.client.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: body }));
  const pointer = encodePageMessage({ v: 1, stream: users, run: 'run-1', sequence: 3 });

  it('lists, shows, sends back and deletes them', async () => {
    await send(pointer);
    await send('{"name":"Ada Example"}');
    expect(await letters()).toMatchObject([
      { connection: 'mobaro', messages: 2, oldestSentAt: expect.stringMatching(/Z$/) },
      { connection: 'bob', messages: 0, oldestSentAt: null },
    ]);
    const { stdout } = await cli(['dead-letters', 'show', 'mobaro']);
    expect(stdout).toMatch(/^\d+ s ago {2}mobaro\/users, page 4 of run run-1\n/);
    expect(stdout).toContain("not one of Pagekeeper's");
    expect(stdout).not.toContain('Ada');

    expect((await cli(['dead-letters', 'redrive', 'mobaro'])).stdout).toBe(
      '2 messages of mobaro have been sent back.\n',
    );
    expect((await emptied(pages)).sort()).toEqual([pointer, '{"name":"Ada Example"}'].sort());

    await send(pointer);
    expect(await cli(['dead-letters', 'discard', 'mobaro'])).toMatchObject({ status: 2 });
    expect((await cli(['dead-letters', 'discard', 'mobaro', '--yes'])).stdout).toBe(
      '1 message of mobaro has been deleted.\n',
    );
    expect(await letters()).toMatchObject([{ messages: 0 }, { messages: 0 }]);
  });
});

describe('mute', () => {
  const rules = () => aws.changes.map(({ operation, input }) => ({ operation, ...input }));
  const muted = async () =>
    ((await json('status'))['connections'] as unknown as { connection: string; muted: object | null }[]).find(
      ({ connection }) => connection === 'mobaro',
    )?.muted;

  it('stores it and has CloudWatch mute the alarms that page, nested ones too, and ends both', async () => {
    const { status, stdout } = await cli(['mute', 'mobaro', '--for', '2h', '--why', 'Mobaro moves']);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(
        /^Pages about mobaro are muted until .* UTC\. What still stands then is sent once/,
      ),
    ]);
    const told = (await muted()) as { readonly until: string } | null;
    expect(told).toMatchObject({ why: 'Mobaro moves', by: callerOfStack });
    const [rule] = rules();
    expect(rules()).toEqual([
      {
        ...{ operation: 'PutAlarmMuteRule', Name: `${stack}_mobaro` },
        Description: `pagekeeper mute: Mobaro moves (${callerOfStack})`,
        MuteTargets: { AlarmNames: [`${stack} mobaro, unauthorized`] },
        Rule: {
          Schedule: {
            Expression: expect.stringMatching(/^at\(20\d\d-\d\d-\d\dT\d\d:\d\d\)$/),
            Duration: expect.stringMatching(/^PT12[01]M$/),
            Timezone: 'UTC',
          },
        },
      },
    ]);
    const { Expression, Duration } = (rule as unknown as { Rule: { Schedule: Record<string, string> } }).Rule
      .Schedule;
    const begins = Date.parse(`${/\((.*)\)/.exec(Expression ?? '')?.[1] ?? ''}:00Z`);
    const minutes = Number(/\d+/.exec(Duration ?? '')?.[0]);
    expect(begins + minutes * 60_000).toBe(Date.parse(told?.until ?? ''));

    aws.changes.length = 0;
    expect(await cli(['mute', 'mobaro', '--off'])).toEqual({
      ...{ status: 0, error: '' },
      stdout: 'Pages about mobaro are not muted any more. What stands is sent now.\n',
    });
    expect(rules()).toEqual([{ operation: 'DeleteAlarmMuteRule', AlarmMuteRuleName: `${stack}_mobaro` }]);
    expect(await muted()).toBeNull();
  });

  it('says what holds where CloudWatch refuses', async () => {
    aws.denied.add('PutAlarmMuteRule').add('DeleteAlarmMuteRule');
    const put = await cli(['mute', 'mobaro', '--for', '30m', '--why', 'ticket 7']);
    expect([put.status, put.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^Messages that page about mobaro are held back until .*, but its alarms in CloudWatch act as before, so that a pager may ring\. These AWS credentials may not do this \(not authorized to do PutAlarmMuteRule\): /,
      ),
    ]);
    expect(await muted()).toMatchObject({ why: 'ticket 7' });
    const off = await cli(['mute', 'mobaro', '--off']);
    expect([off.status, off.stdout]).toEqual([
      1,
      expect.stringMatching(
        /^Messages that page about mobaro are sent, but its alarms in CloudWatch may be /,
      ),
    ]);
    aws.denied.clear();
    expect(await muted()).toBeNull();
    expect(rules()).toEqual([]);
  });

  it('changes nothing where the deployment has no alarm to mute', async () => {
    const nested = aws.nested.get('arn:aws:cloudformation:nested') ?? [];
    aws.nested.set('arn:aws:cloudformation:nested', []);
    expect(await cli(['mute', 'mobaro', '--for', '30m', '--why', 'x'])).toEqual({
      ...{ status: 2, stdout: '' },
      error: `--stack: ${stack} has no alarm of mobaro that pages; it may have been deployed by another version.`,
    });
    aws.nested.set('arn:aws:cloudformation:nested', nested);
    expect(await muted()).toBeNull();
  });
});

describe('test-alarm', () => {
  it('sets an alarm off, marked as a test, and leaves one alone that means it', async () => {
    expect(await cli(['test-alarm'])).toMatchObject({ status: 2 });
    expect((await cli(['test-alarm', '--yes'])).stdout).toMatch(
      /^"Pagekeeper-try watchdog silent" has been set off.* CloudWatch itself sends it to people .* It goes back by itself within minutes\.\n$/,
    );
    expect(aws.changes).toMatchObject([
      {
        operation: 'SetAlarmState',
        input: { StateValue: 'ALARM', StateReason: expect.stringMatching(/^TEST, nothing is wrong/) },
      },
    ]);
    aws.alarmStates.set(`${stack} watchdog silent`, 'ALARM');
    expect((await cli(['test-alarm', '--yes'])).error).toContain('is in ALARM for real');
    expect((await cli(['test-alarm', '--yes', '--alarm', 'x'])).error).toMatch(/has no such alarm; it has /);
    const nested = await cli(['test-alarm', '--yes', '--alarm', `${stack} mobaro, unauthorized`]);
    expect(nested.stdout).toContain(
      'has been set off, as a test. The function tell-on-call sends it to people',
    );
  });
});

describe('test-alarm of a queue', () => {
  it('sets the alarm back, which would stay in ALARM while SQS measures nothing', async () => {
    aws.changes.length = 0;
    const alarm = `${stack} bob undelivered`;
    expect((await cli(['test-alarm', '--yes', '--alarm', alarm])).stdout).toMatch(
      /has been set off, as a test\..* It has been set back to OK at once, because SQS does not measure an idle queue\.\n$/,
    );
    expect(aws.changes).toMatchObject([
      { operation: 'SetAlarmState', input: { AlarmName: alarm, StateValue: 'ALARM' } },
      { operation: 'SetAlarmState', input: { AlarmName: alarm, StateValue: 'OK' } },
    ]);
  });
});

describe('what was there before, of a deployment', () => {
  it('prints records, forgets and allows', async () => {
    expect(await cli(['records', users, '--json'])).toEqual({ status: 0, stdout: '[]\n', error: '' });
    expect((await json('forget', users, 'nobody', '--yes'))['results']).toMatchObject([{ changed: false }]);
    await store({ heldDeletions: { rows: 20, of: 60, since: 1 } });
    const asked: string[] = [];
    const yes: Confirm = (question) => {
      asked.push(question);
      return Promise.resolve(true);
    };
    expect(await cli(['allow-deletions', users], { confirm: yes })).toMatchObject({ status: 0 });
    expect(asked).toEqual([expect.stringContaining('delete up to 20 of 60 records?')]);
    expect(await checkpoints.read(users)).toMatchObject({ allowed: 20 });
  });
});

describe('a deployment without a change log', () => {
  it('has nothing to replay, and says nothing of a log where something is forgotten', async () => {
    expect(await cli(['changes', 'replay'])).toMatchObject({
      ...{ status: 2, error: 'There is no change log, so there is nothing to publish.' },
    });
    expect(JSON.stringify(await json('forget', users, 'nobody', '--yes'))).not.toContain('log');
  });
});

describe('the audit of a deployment', () => {
  /** The last entry is that of the command. */
  const entry = async (...args: readonly string[]) => {
    const person = { input: '{"apiKey":"hidden-1"}' };
    await cli([...args, '--why', 'ticket 7'], person);
    return ((await json('audit'))['entries'] as unknown as readonly object[])[0];
  };

  /** What follows each command, and what of it is written down, where that is less. */
  const typed: Readonly<
    Record<Exclude<ActCommand, 'changes replay' | 'fix'>, readonly [readonly [string, ...string[]], string?]>
  > = {
    pause: [[users]],
    resume: [[users]],
    run: [[users]],
    mute: [['mobaro', '--off']],
    reset: [[users, '--position', '40', '--yes'], `reset ${users} --position 40`],
    'allow-deletions': [[users, '--yes'], `allow-deletions ${users}`],
    'allow-empty-fields': [[users, '--yes'], `allow-empty-fields ${users}`],
    forget: [[users, 'hidden-1', '--yes'], `forget ${users} ID`],
    'secret set': [['mobaro']],
    'dead-letters redrive': [['mobaro']],
    'dead-letters discard': [['mobaro', '--yes'], 'dead-letters discard mobaro'],
  };

  // This deployment has no change log to replay anything into; and a fix waits for a page, and has tests of its own.
  const commands = actCommands.filter((command) => command !== 'changes replay' && command !== 'fix');

  it.each(commands)('has an entry of %s, of the caller, with its reason', async (command) => {
    const [args, written = [command, ...args].join(' ')] = typed[command];
    await store({});
    const found = await entry(...command.split(' '), ...args);
    expect(found).toMatchObject({
      ...{ command, who: callerOfStack, why: 'ticket 7', target: args[0] },
      typed: written,
      at: expect.stringMatching(/Z$/),
      outcome: expect.stringMatching(/^(un)?changed$/),
      results: [{ target: args[0], sentence: expect.stringMatching(/\.$/) }],
    });
    expect(JSON.stringify(found)).not.toContain('hidden-1');
    await emptied(pages);
  });

  it('tells how it stood, before and after, and all streams of a command as one', async () => {
    await store({
      ...{ state: 'halted', outcome: 'missing', run: 'run-1', sequence: 3 },
      halt: { outcome: 'missing', at: 1, definition: 'd' },
    });
    expect(await entry('resume', users, '--no-wait')).toMatchObject({
      outcome: 'changed',
      before: [{ state: 'halted', haltedFor: 'missing', run: 'run-1', sequence: 3 }],
      after: [{ state: 'running', haltedFor: null, run: 'run-1', sequence: 3 }],
    });
    expect(await entry('pause', '--all', '--yes')).toMatchObject({ target: null, typed: 'pause --all' });
    expect(await entry('run', users)).toMatchObject({ outcome: 'refused', results: [{ refused: true }] });
    await cli(['resume', '--all', '--yes', '--no-wait']);
  });

  it('is asked for one stream or connection, and since a time', async () => {
    const ids = async (...args: readonly string[]): Promise<number> =>
      ((await json('audit', ...args))['entries'] as unknown as readonly object[]).length;
    const all = await ids();
    await cli(['pause', 'bob']);
    await cli(['resume', 'bob', '--no-wait']);
    expect(await ids()).toBe(all + 2);
    expect(await ids(users)).toBeLessThan((await ids('mobaro')) + 1);
    expect(await ids('bob/people')).toBeGreaterThan(1);
    expect(await ids('--since', '2020-01-01')).toBe(all + 2);
    expect(await ids('--since', '0min')).toBe(0);
    expect((await cli(['audit', '--since', '0min'])).stdout).toBe(
      'No person has changed anything by a command in that time.\n',
    );
    expect(await cli(['audit', 'mobaro/user'])).toMatchObject({
      ...{
        status: 2,
        error: expect.stringMatching(/^There is no such stream \(did you mean mobaro\/users\?\)/),
      },
    });
  });

  it('is read in a terminal of 80 columns', async () => {
    await store({});
    await cli(['pause', users, '--why', `${'because '.repeat(30)}it\u202e moves`]);
    const { stdout } = await cli(['audit', users]);
    const lines = stdout.split('\n\n')[0]?.split('\n') ?? [];
    expect(lines[0]).toMatch(/^\d s ago {2}pause mobaro\/users: changed$/);
    expect(lines[1]).toMatch(/^ {2}by \S+, \d\d:\d\d UTC$/);
    expect(lines[1]).toContain(callerOfStack);
    expect(lines.join(' ')).toMatch(/because it\S*\s+moves/);
    expect(lines.join(' ')).toMatch(/mobaro\/users was .*, then paused/);
    expect(lines.at(-1)).toMatch(/resumed\.$/);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    await cli(['resume', users, '--no-wait']);
  });

  it('is not passed by where nobody can say who acts', async () => {
    await store({});
    const gone = await startHttpServer();
    await gone.stop();
    vi.stubEnv('AWS_ENDPOINT_URL_STS', gone.origin);
    const { stdout, error } = await cli(['pause', users]);
    vi.stubEnv('AWS_ENDPOINT_URL_STS', aws.origin);
    expect(stdout).toBe('');
    expect(error).toMatch(
      /^AWS could not be asked who you are \(ECONNREFUSED of 127\.0\.0\.1:\d+\), and nothing is done that is not on record/,
    );
    expect(await checkpoints.read(users)).toMatchObject({ state: 'idle' });
  });
});

describe('the account of a deployment', () => {
  it('is what --profile and --region say', async () => {
    const { error } = await cli(['status', '--profile', 'nobody', '--region', 'eu-north-1']);
    expect(error).toContain('for that profile');
    const { error: none } = await cli(['status', '--region', 'eu-north-1'], { stack: 'Elsewhere' });
    expect(none).toContain('in this account in eu-north-1');
  });

  it('says where there is no such stack for what is found by it', async () => {
    for (const part of ['CHECKPOINTS', 'RECORDS'])
      vi.stubEnv(`PAGEKEEPER_${part}_TABLE`, dynamoDb.recordsTable);
    vi.stubEnv('PAGEKEEPER_CHECKPOINTS_TABLE', dynamoDb.checkpointsTable);
    expect((await cli(['dead-letters', 'list'], { stack: 'Elsewhere' })).error).toMatch(
      /^--stack: there is no such stack in this account in /,
    );
    vi.stubEnv('PAGEKEEPER_CHECKPOINTS_TABLE', undefined);
    vi.stubEnv('PAGEKEEPER_RECORDS_TABLE', undefined);
  });
});
