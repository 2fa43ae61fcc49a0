import { isDeepStrictEqual } from 'node:util';

import { ListQueuesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { WholeStatus } from '../../infra/cli/commands/whole-status.ts';
import { localDynamoDb, localSqs } from '../../infra/emulator/embedded/clients.ts';
import { readRunning } from '../../infra/emulator/embedded/data-lock.ts';
import { readDescription } from '../../infra/laptop/data-folder/description.ts';
import { faults } from '../../infra/simulators/frame/faults.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { opened } from '../../lib/sync/transitions/run.ts';
import { launch } from '../support/start-command.ts';
import { watchedStart, type WatchedStart } from '../support/watched-start.ts';

/** What `watch.test.ts` leaves out: an alarm, and the command line beside it. */
describe('npm start -- --watch', () => {
  let here: WatchedStart;
  beforeEach(async () => {
    here = await watchedStart();
  });
  afterEach(() => here.remove());

  async function pagekeeper(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await launch('infra/cli.ts', [...args, '--data', here.data]).finished;
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  }

  it('tells of a refused key with the alarm, its text and what fixes it here, until SIGTERM', async () => {
    here.vendor.inflict([faults.unauthorized('*', { from: 1 })]);
    const { child, finished } = await here.watch(['mobaro/users', 'mobaro/timesheets']);

    const ringing = async () => (await here.snapshot()).alarms.filter(({ state }) => state === 'ALARM');
    await expect.poll(ringing, { timeout: 240_000, interval: 500 }).toMatchObject([
      {
        name: 'Pagekeeper mobaro unauthorized',
        about: 'mobaro',
        text: expect.arrayContaining([
          { says: expect.stringContaining('Mobaro refused the credentials of mobaro (401).'), code: null },
        ]),
        commands: [{ line: `npx pagekeeper fix mobaro --data ${here.data}` }],
      },
    ]);
    // The alarm is told at once, and what is stored is looked at now and then.
    await expect.poll(here.snapshot, { timeout: 240_000 }).toMatchObject({
      streams: [
        { stream: 'mobaro/users', outcome: 'unauthorized', severity: 'bad' },
        { stream: 'mobaro/timesheets', outcome: 'unauthorized', severity: 'bad' },
      ],
      limits: [{ scope: 'mobaro' }],
    });
    const { streams, events } = await here.snapshot();
    for (const { nextTick } of streams) expect(nextTick).toBeGreaterThan(Date.now() - 1000);
    expect(events.map(({ text }) => text)).toContain('alarm: Pagekeeper mobaro unauthorized');

    // While it runs, the command line works on the same data.
    const status = await launch('infra/cli.ts', ['status', '--data', here.data]).finished;
    expect(status.stdout).toContain('mobaro: the vendor refused its key');

    child.kill('SIGTERM');
    const { status: exit, stdout, stderr } = await finished;
    expect([exit, stderr]).toEqual([143, '']);
    expect(stdout).toContain('0 of 2 streams complete, watched for');
    // Whether it had been sent before the signal or not.
    expect(stdout).toContain('  PAGE Pagekeeper: mobaro key refused (401): all streams\n');
    expect(stdout).toContain(`\n    npx pagekeeper fix mobaro --data ${here.data}\n`);
    expect(stdout + stderr).not.toContain('made-up');
  });

  it('does what pagekeeper asks of it from another process, and tells it when the next tick comes', async () => {
    await here.watch(['mobaro/users', 'mobaro/timesheets']);
    const outcomes = async () => (await here.snapshot()).streams.map(({ outcome }) => outcome);
    await expect.poll(outcomes, { timeout: 240_000, interval: 500 }).toEqual(['complete', 'complete']);
    const nextTicks = async () => {
      const { streams } = JSON.parse(await pagekeeper('status', '--json')) as WholeStatus;
      return streams.flatMap(({ nextTickAt }) => (nextTickAt === null ? [] : [Date.parse(nextTickAt)]));
    };
    // Of bob, which does not run here, no tick comes. One that comes right now is no longer the next one.
    const planned = async () => (await here.snapshot()).streams.map(({ nextTick }) => nextTick);
    await expect
      .poll(async () => isDeepStrictEqual(await nextTicks(), await planned()), { timeout: 240_000 })
      .toBe(true);
    expect(await nextTicks()).toHaveLength(2);
    expect(await pagekeeper('status')).toMatch(/next tick\n/);

    // A run that is asked for begins at once, and not with its tick.
    const callsOf = () =>
      here.vendor.requests.filter(({ path: asked }) => asked.includes('/timesheets')).length;
    const before = callsOf();
    here.vendor.inflict([faults.missing('/timesheets', { from: 1 })]);
    expect(await pagekeeper('run', 'mobaro/timesheets')).toBe('mobaro/timesheets starts now.\n');
    await expect.poll(outcomes, { timeout: 240_000 }).toEqual(['complete', 'missing']);
    expect(callsOf()).toBe(before + 1);
    here.vendor.inflict([]);
    expect(await pagekeeper('resume', 'mobaro/timesheets')).toMatch(
      /^mobaro\/timesheets has gone on at the beginning: (its run is under way|synced to its end)\.\n$/,
    );
    // From here on nobody says anything else; the page is read anew when somebody looks.
    await expect.poll(outcomes, { timeout: 2000 }).not.toContain('missing');
    expect(await pagekeeper('explain', 'mobaro/timesheets')).not.toMatch(/npx pagekeeper resume/);
    await expect.poll(outcomes, { timeout: 240_000 }).toEqual(['complete', 'complete']);

    // A page whose message has ended among the dead letters goes on with it.
    const running = await readRunning(here.data);
    const { accessKey = '' } = running ?? {};
    const sqs = localSqs(running?.queues ?? '', accessKey);
    const dynamodb = localDynamoDb(running?.dynamodb ?? '', accessKey);
    try {
      const { checkpointsTable } = (await readDescription(here.data))!;
      const checkpoints = new DynamoCheckpoints(dynamodb, checkpointsTable);
      const idle = (await checkpoints.read('mobaro/users'))!;
      const open = (await checkpoints.replace({
        ...opened(idle, 'run-of-a-dead-letter', Date.now()),
        movedAt: Date.now(),
      }))!;
      const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
      const QueueUrl = QueueUrls.find((url) => /mobaro.*DeadLetters/.test(url));
      const { stream, run, sequence } = open;
      const MessageBody = JSON.stringify({ v: 1, stream, run, sequence });
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
      expect(await pagekeeper('dead-letters', 'show', 'mobaro')).toContain(
        'page 1 of run run-of-a-dead-letter',
      );
      expect(await pagekeeper('dead-letters', 'redrive', 'mobaro')).toBe(
        '1 message of mobaro has been sent back.\n',
      );
      const completedAt = async () => (await checkpoints.read('mobaro/users'))?.completedAt ?? 0;
      await expect.poll(completedAt, { timeout: 240_000 }).toBeGreaterThan(idle.completedAt!);
      expect(await pagekeeper('dead-letters', 'list')).toContain('mobaro: none\n');
    } finally {
      sqs.destroy();
      dynamodb.destroy();
    }
  });
});
