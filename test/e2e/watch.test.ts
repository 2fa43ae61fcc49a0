import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';

import { ListQueuesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { WholeStatus } from '../../infra/cli/commands/whole-status.ts';
import { localDynamoDb, localSqs } from '../../infra/emulator/embedded/clients.ts';
import { readRunning } from '../../infra/emulator/embedded/data-lock.ts';
import { readDescription } from '../../infra/laptop/data-folder/description.ts';
import { faults } from '../../infra/simulators/frame/faults.ts';
import { startSimulatedVendor, type SimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import type { PageState } from '../../infra/watch/page-state.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { opened } from '../../lib/sync/transitions/run.ts';
import { launchBrowser, openPage } from '../browser/browser.ts';
import { hasChromium } from '../browser/chromium.ts';
import { startHttpServer } from '../support/http-server.ts';
import { launch, temporaryData } from '../support/start-command.ts';

/** `npm start -- --watch` as a user runs it: the synthesized stack, whole, and its page. */
describe('npm start -- --watch', () => {
  let data: Awaited<ReturnType<typeof temporaryData>>;
  let vendor: SimulatedVendor;
  let running:
    | undefined
    | {
        readonly child: ChildProcess;
        readonly url: string;
        finished: ReturnType<typeof launch>['finished'];
      };

  beforeEach(async () => {
    data = await temporaryData();
    vendor = await startSimulatedVendor('mobaro', { faults: [], secret: { apiKey: 'made-up' } });
  });

  afterEach(async () => {
    if (running !== undefined) {
      running.child.kill('SIGKILL');
      await running.finished;
      running = undefined;
    }
    await vendor.close();
    await data.remove();
  });

  async function watch(streams: readonly string[]): Promise<void> {
    const { child, finished } = launch(
      'infra/start.ts',
      [
        ...['--watch', '--port', '0', '--data', data.path, '--base-url', `mobaro=${vendor.url}`],
        ...streams.flatMap((stream) => ['--stream', stream]),
      ],
      { MOBARO_API_KEY: 'made-up' },
    );
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const [, url] =
      /^Look at it on (http:\/\/127\.0\.0\.1:\d+\/) until Ctrl-C\.$/m.exec(line.toString()) ?? [];
    if (url === undefined) throw new Error(`No address in ${line.toString()}`);
    running = { child, url, finished };
  }

  function watched(): NonNullable<typeof running> {
    if (running === undefined) throw new Error('Nothing has been started');
    return running;
  }

  async function snapshot(): Promise<PageState> {
    const abort = new AbortController();
    const response = await fetch(`${watched().url}events`, { signal: abort.signal });
    let text = '';
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const [, found] = /^data: (.*)\n\n/m.exec(text) ?? [];
      if (found === undefined) continue;
      abort.abort();
      return JSON.parse(found) as PageState;
    }
    throw new Error(`No snapshot in ${text}`);
  }

  async function pagekeeper(...args: readonly string[]): Promise<string> {
    const { stdout, stderr, status } = await launch('infra/cli.ts', [...args, '--data', data.path]).finished;
    expect([status, stderr]).toEqual([0, '']);
    return stdout;
  }

  it('tells of a refused key with the alarm, its text and what mends it here, until SIGTERM', async () => {
    vendor.inflict([faults.unauthorized('*', { from: 1 })]);
    await watch(['mobaro/users', 'mobaro/timesheets']);
    expect((await snapshot()).process).toMatchObject({ phase: 'starting', deployment: null });

    const ringing = async () => (await snapshot()).alarms.filter(({ state }) => state === 'ALARM');
    await expect.poll(ringing, { timeout: 90_000, interval: 500 }).toMatchObject([
      {
        name: 'Pagekeeper mobaro unauthorized',
        about: 'mobaro',
        text: expect.stringContaining('Mobaro refused the credentials of mobaro (401).'),
        commands: [
          {
            where: 'here',
            before: 'set MOBARO_API_KEY anew, then:',
            line: expect.stringMatching(/^npm start -- --stream mobaro\/users .* --watch --port 0$/),
          },
          { where: 'here', line: `npx pagekeeper resume mobaro --data ${data.path}` },
        ],
      },
    ]);
    // The alarm is told at once, and what is stored is looked at now and then.
    await expect.poll(snapshot, { timeout: 30_000 }).toMatchObject({
      streams: [
        { stream: 'mobaro/users', outcome: 'unauthorized', tone: 'bad' },
        { stream: 'mobaro/timesheets', outcome: 'unauthorized', tone: 'bad' },
      ],
      limits: [{ scope: 'mobaro' }],
    });
    const { streams, happenings } = await snapshot();
    for (const { nextTick } of streams) expect(nextTick).toBeGreaterThan(Date.now() - 1000);
    expect(happenings.map(({ text }) => text)).toContain('alarm: Pagekeeper mobaro unauthorized');

    // While it runs, the command line works on the same data.
    const status = await launch('infra/cli.ts', ['status', '--data', data.path]).finished;
    expect(status.stdout).toContain('mobaro: the vendor refused its key');

    const { child, finished } = watched();
    child.kill('SIGTERM');
    const { status: exit, stdout, stderr } = await finished;
    expect([exit, stderr]).toEqual([143, '']);
    expect(stdout).toContain('0 of 2 streams complete, watched for');
    expect(stdout + stderr).not.toContain('made-up');
  });

  it('does what pagekeeper asks of it from another process, and tells it when the next tick comes', async () => {
    await watch(['mobaro/users', 'mobaro/timesheets']);
    const outcomes = async () => (await snapshot()).streams.map(({ outcome }) => outcome);
    await expect.poll(outcomes, { timeout: 90_000, interval: 500 }).toEqual(['complete', 'complete']);
    const nextTicks = async () => {
      const { streams } = JSON.parse(await pagekeeper('status', '--json')) as WholeStatus;
      return streams.flatMap(({ nextTickAt }) => (nextTickAt === null ? [] : [Date.parse(nextTickAt)]));
    };
    // Of bob, which does not run here, no tick comes. One that comes right now is no longer the next one.
    const planned = async () => (await snapshot()).streams.map(({ nextTick }) => nextTick);
    await expect
      .poll(async () => isDeepStrictEqual(await nextTicks(), await planned()), { timeout: 30_000 })
      .toBe(true);
    expect(await nextTicks()).toHaveLength(2);
    expect(await pagekeeper('status')).toMatch(/next tick\n/);

    // A run that is asked for begins at once, and not with its tick.
    const callsOf = () => vendor.requests.filter(({ path: asked }) => asked.includes('/timesheets')).length;
    const before = callsOf();
    vendor.inflict([faults.missing('/timesheets', { from: 1 })]);
    expect(await pagekeeper('run', 'mobaro/timesheets')).toBe('mobaro/timesheets starts now.\n');
    await expect.poll(outcomes, { timeout: 30_000 }).toEqual(['complete', 'missing']);
    expect(callsOf()).toBe(before + 1);
    vendor.inflict([]);
    expect(await pagekeeper('resume', 'mobaro/timesheets')).toBe(
      'mobaro/timesheets starts with the next tick, or when the watchdog comes by.\n',
    );
    expect(await pagekeeper('run', 'mobaro/timesheets')).toBe('mobaro/timesheets starts now.\n');
    await expect.poll(outcomes, { timeout: 30_000 }).toEqual(['complete', 'complete']);

    // A page whose message has ended among the dead letters goes on with it.
    const running = await readRunning(data.path);
    const { accessKey = '' } = running ?? {};
    const sqs = localSqs(running?.queues ?? '', accessKey);
    const dynamodb = localDynamoDb(running?.dynamodb ?? '', accessKey);
    try {
      const { checkpointsTable } = (await readDescription(data.path))!;
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
      await expect.poll(completedAt, { timeout: 60_000 }).toBeGreaterThan(idle.completedAt!);
      expect(await pagekeeper('dead-letters', 'list')).toContain('mobaro: none\n');
    } finally {
      sqs.destroy();
      dynamodb.destroy();
    }
  });

  it.skipIf(!hasChromium())('shows in a browser how streams go on, and that it has ended', async () => {
    // Slowly enough to be seen.
    vendor.inflict([faults.tooManyRequests('/users', 4, 3), faults.slow('/users', { from: 1 }, 200)]);
    await watch(['mobaro/users']);
    const browser = await launchBrowser();
    try {
      const { page, complaints } = await openPage(browser, watched().url);
      await page.getByText(/^Starting: /).waitFor();
      const row = page.getByRole('row', { name: /mobaro\/users/ });
      await expect.poll(() => row.innerText(), { timeout: 90_000 }).toContain('running');
      await expect
        .poll(() => row.innerText(), { timeout: 30_000, interval: 50 })
        .toMatch(/waiting\s+HTTP 429: Too Many Requests, again in \d s, try 1 failed/);
      await expect
        .poll(() => page.locator('#verdict').innerText(), { timeout: 60_000 })
        .toBe('All quiet: 1 stream complete');
      expect(await row.innerText()).toMatch(/13 pages\s+240 records, 240 written/);
      expect(await row.innerText()).toMatch(/in \d+ (min|s)/);
      const sent = JSON.stringify(await snapshot());
      expect(vendor.externalIds['users']?.filter((id) => sent.includes(id))).toEqual([]);
      expect(complaints).toEqual([]);

      watched().child.kill('SIGINT');
      expect((await watched().finished).status).toBe(130);
      await page.getByText('npm start has ended. All quiet: 1 stream complete').waitFor();
      await page.getByText(/^connection lost at/).waitFor();
    } finally {
      await browser.close();
    }
  });

  it('says that the port it was told to take is taken, and starts nothing', async () => {
    const other = await startHttpServer();
    const port = new URL(other.origin).port;
    const { status, stderr } = await launch('infra/start.ts', [
      '--watch',
      '--port',
      port,
      '--data',
      data.path,
    ]).finished;
    await other.stop();
    expect([status, stderr]).toEqual([
      2,
      `--port: ${port} is taken on this machine; name another one, or 0 for any that is free.\n`,
    ]);
  });
});
