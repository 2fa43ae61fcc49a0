import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { LogEventReader } from '../../../infra/cli/events/log-event-reader.ts';
import type { PagekeeperEvent } from '../../../lib/events/event.ts';
import { recordsChanged, runEnded, stateChanged } from '../../support/sent-events.ts';
import { startStackServer, type StackServer } from '../../support/stack-server.ts';
import { runHere } from '../run-here.ts';

/** `events` of a deployment, whose functions have logged what they have sent. */

const stack = 'Pagekeeper-try';
const groups = {
  changes: `/pagekeeper/${stack}/publish-changes`,
  events: `/pagekeeper/${stack}/publish-events`,
};
const people = 'bob/people';

let home: string;
let aws: StackServer;

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'pagekeeper-test-'));
  aws = await startStackServer(stack);
  for (const part of ['Checkpoints', 'Records']) aws.outputs.set(`${part}TableName`, part);
  const variables = {
    ...{ HOME: home, AWS_REGION: 'eu-west-1', AWS_MAX_ATTEMPTS: '1', AWS_EC2_METADATA_DISABLED: 'true' },
    ...{ AWS_ACCESS_KEY_ID: 'made-up', AWS_SECRET_ACCESS_KEY: 'made-up', AWS_ENDPOINT_URL: aws.origin },
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterEach(() => {
  aws.logs.clear();
  aws.filtered.length = 0;
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.stop();
  await rm(home, { recursive: true });
});

/** As CloudWatch gives the line that a function has logged. */
const logged = (event: PagekeeperEvent, timestamp: number, eventId = event.detail.id) => ({
  ...{ eventId, timestamp, logStreamName: 'one' },
  message: JSON.stringify({ level: 'INFO', message: 'sent', event }),
});

const cli = (...args: readonly string[]) => runHere(['events', ...args, '--stack', stack]);

describe('pagekeeper events --stack', () => {
  it('reads them from the logs of the functions, in their order, page by page', async () => {
    const [ended, changed, records] = [
      runEnded(people),
      stateChanged(people),
      recordsChanged('mobaro/users'),
    ];
    const now = Date.now();
    const other = {
      ...logged(ended, now - 4),
      eventId: 'x',
      message: '{"event":{"type":"Of a later version"}}',
    };
    const broken = { ...logged(ended, now - 4), eventId: 'y', message: 'no JSON' };
    aws.logs.set(groups.events, [[logged(ended, now - 7)], [logged(changed, now - 3)], [other, broken]]);
    aws.logs.set(groups.changes, [[logged(records, now - 5)]]);
    const { status, stdout, stderr } = await cli('--json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, events: [ended, records, changed] });
    expect((await cli('mobaro')).stdout).toMatch(
      /^2026-.*Z {2}Records Changed {7}mobaro\/users {2}2 created/,
    );
    expect((await cli(people, '--type', 'Run Ended')).stdout.split('\n')).toHaveLength(2);
  });

  it('asks for what is an event alone, of the last hour unless another time is said', async () => {
    aws.logs.set(groups.events, [[]]);
    const before = Date.now();
    expect((await cli()).stdout).toBe('No such event has been sent in that time.\n');
    // The other group is not there: it has none.
    expect(aws.filtered.map(({ logGroupName }) => logGroupName).toSorted()).toEqual([
      groups.changes,
      groups.events,
    ]);
    const [asked] = aws.filtered;
    expect(asked).toMatchObject({ filterPattern: '{ $.event.type = * }' });
    expect(Number(asked?.['startTime']) - (before - 3_600_000)).toBeLessThan(60_000);
    aws.filtered.length = 0;
    await cli('--since', '2026-03-01');
    expect(aws.filtered[0]).toMatchObject({ startTime: Date.parse('2026-03-01') });
  });

  it('finds what comes late, and gives nothing twice', async () => {
    const minute = 60_000;
    let now = 100 * minute;
    const client = new CloudWatchLogsClient({});
    const reader = new LogEventReader(client, stack, 90 * minute, () => now);
    const idsOfNext = async () => (await reader.next()).map(({ detail }) => detail.id);
    const lines = ['a', 'b', 'c'].map((id, index) =>
      logged(runEnded(people, { id }), (99 - index * 0.5) * minute),
    );
    aws.logs.set(groups.events, [lines.slice(0, 1)]);
    expect(await idsOfNext()).toEqual(['a']);
    aws.logs.set(groups.events, [lines]);
    now += minute;
    expect(await idsOfNext()).toEqual(['c', 'b']);
    expect(await idsOfNext()).toEqual([]);
    expect(aws.filtered.filter(({ logGroupName }) => logGroupName === groups.events)).toMatchObject(
      [90, 98, 99].map((at) => ({ startTime: at * minute })),
    );
    client.destroy();
  });

  it('says what there is where a stream is not known', async () => {
    const { status, stderr } = await cli('bob/wrok');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^There is no such stream; known are mobaro\/users, .*\.\n$/);
  });
});
