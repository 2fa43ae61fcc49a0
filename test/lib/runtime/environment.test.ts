import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  readEnvironment,
  readOnCallEnvironment,
  readSyncEnvironment,
  readUntoldEnvironment,
} from '../../../lib/runtime/environment.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';

const mobaro = {
  name: 'mobaro',
  connector: 'mobaro',
  baseUrl: 'https://vendor.example/api',
  timeoutSeconds: 30,
  secretName: 'Pagekeeper/mobaro',
  streams: { users: { gapSeconds: 900 } },
};
const bob = { ...mobaro, name: 'bob', connector: 'bob', streams: { people: { gapSeconds: 3600 } } };

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder();
  const settings = JSON.stringify({ connections: [mobaro, bob] });
  await writeFile(path.join(folder.path, 'settings.json'), settings);
  await writeFile(path.join(folder.path, 'other.json'), JSON.stringify({ connections: [mobaro] }));
});

afterAll(() => folder[Symbol.asyncDispose]());

const queues = { mobaro: 'https://sqs.example/mobaro', bob: 'https://sqs.example/bob' };

const variables = (of: object = { mobaro: queues.mobaro }): Record<string, string> => ({
  LAMBDA_TASK_ROOT: folder.path,
  PAGEKEEPER_DEPLOYMENT: 'Pagekeeper',
  PAGEKEEPER_CHECKPOINTS_TABLE: 'checkpoints',
  PAGEKEEPER_RECORDS_TABLE: 'records',
  PAGEKEEPER_QUEUES: JSON.stringify(of),
});

describe("a function's environment", () => {
  it('gives a sync function its connection, by its queue', () => {
    const { connection, ...rest } = readSyncEnvironment(variables({ bob: queues.bob }));
    expect(connection).toMatchObject({ name: 'bob', pageQueueUrl: queues.bob, baseUrl: bob.baseUrl });
    expect(connection.streams.map(({ name }) => name)).toEqual(['bob/people']);
    expect(rest).toEqual({
      deployment: 'Pagekeeper',
      checkpointsTable: 'checkpoints',
      recordsTable: 'records',
    });
  });

  it('gives the watchdog all connections, each with its queue', () => {
    const { connections } = readEnvironment(variables(queues));
    expect(connections.map(({ name, pageQueueUrl }) => [name, pageQueueUrl])).toEqual(Object.entries(queues));
  });

  describe('of those who tell people', () => {
    const telling = {
      ...{ PAGEKEEPER_PAGES_TOPIC: 'pages', PAGEKEEPER_TICKETS_TOPIC: 'tickets', AWS_REGION: 'eu-west-1' },
      ...{ PAGEKEEPER_PAGER_PAGES_TOPIC: 'pager', PAGEKEEPER_PAGER_TICKETS_TOPIC: 'pager-tickets' },
      ...{ PAGEKEEPER_RUNBOOK: 'https://example.org', PAGEKEEPER_GATHER_SECONDS: '60' },
    };

    it('names the topics of people and of pagers', () => {
      const { connections, ...rest } = readOnCallEnvironment({ ...variables(), ...telling });
      expect(connections.map(({ name }) => name)).toEqual(['mobaro', 'bob']);
      expect(rest).toEqual({
        ...{ deployment: 'Pagekeeper', checkpointsTable: 'checkpoints', dataOption: null },
        topics: { page: 'pages', ticket: 'tickets' },
        machines: { page: 'pager', ticket: 'pager-tickets' },
        ...{ runbook: 'https://example.org', gatherMs: 60_000, region: 'eu-west-1' },
      });
    });

    it('knows no console on a laptop', () => {
      const laptop = { ...variables(), ...telling, PAGEKEEPER_DATA_OPTION: '' };
      expect(readOnCallEnvironment(laptop)).toMatchObject({ region: null, dataOption: '' });
    });

    it('has no topics for the watchdog while a deployment changes it', () => {
      expect(readUntoldEnvironment(variables(queues))).toBeNull();
      const { PAGEKEEPER_PAGES_TOPIC, PAGEKEEPER_TICKETS_TOPIC } = telling;
      expect(
        readUntoldEnvironment({ ...variables(queues), PAGEKEEPER_PAGES_TOPIC, PAGEKEEPER_TICKETS_TOPIC }),
      ).toMatchObject({ topics: { page: 'pages', ticket: 'tickets' }, dataOption: null });
    });
  });

  it('may name other settings than those beside the code', () => {
    const other = path.join(folder.path, 'other.json');
    const { connections } = readEnvironment({ ...variables(queues), PAGEKEEPER_SETTINGS: other });
    expect(connections.map(({ name }) => name)).toEqual(['mobaro']);
  });

  it('is read, while a deployment changes the function, as the version before wrote it', () => {
    const former = Object.entries(queues).map(([name, pageQueueUrl]) => ({
      ...{ name, connector: name, timeoutSeconds: 30, visibilitySeconds: 180 },
      ...{ pageQueueUrl, secretId: 'arn:aws:secretsmanager:x', streams: {} },
    }));
    const of = (connections: readonly object[]) => ({
      ...variables(),
      PAGEKEEPER_QUEUES: undefined,
      PAGEKEEPER_BASE_URL: 'https://vendor.example/api',
      PAGEKEEPER_CONNECTIONS: JSON.stringify(connections),
    });
    expect(readEnvironment(of(former))).toEqual(readEnvironment(variables(queues)));
    expect(readSyncEnvironment(of(former.slice(1)))).toEqual(
      readSyncEnvironment(variables({ bob: queues.bob })),
    );
  });

  it.each([
    ['a variable is missing', { PAGEKEEPER_RECORDS_TABLE: '' }, 'PAGEKEEPER_RECORDS_TABLE'],
    ['the queues are not JSON', { PAGEKEEPER_QUEUES: '{' }, 'is not JSON'],
    ['it names no queue', { PAGEKEEPER_QUEUES: '{}' }, 'exactly one queue'],
    ['it names two queues', { PAGEKEEPER_QUEUES: JSON.stringify(queues) }, 'exactly one queue'],
    ['its connection is not known', { PAGEKEEPER_QUEUES: '{"ghost":"q"}' }, 'no connection ghost'],
    ['there are no settings', { LAMBDA_TASK_ROOT: '/nowhere' }, 'settings.json'],
  ])('is refused at the cold start where %s', (_, wrong, words) => {
    expect(() => readSyncEnvironment({ ...variables(), ...wrong })).toThrow(words);
  });

  it('must tell the watchdog the queue of each connection', () => {
    expect(() => readEnvironment(variables({ mobaro: 'q' }))).toThrow('no queue of bob');
  });
});
