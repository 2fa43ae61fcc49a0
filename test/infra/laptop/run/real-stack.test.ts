import { createServer, type ServerResponse } from 'node:http';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { LocalEvent } from '../../../../infra/laptop/run/local-run.ts';
import { readStack, type LocalStack } from '../../../../infra/laptop/run/read-stack.ts';
import { runLocally } from '../../../../infra/laptop/run/run-locally.ts';
import { synthesize } from '../../../../infra/laptop/run/synthesize.ts';
import { close, listen } from '../../../../infra/loopback/listen.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts';

/** The project's own stack and bundles against the plainest of vendors. */

const rows = 45;

let folder: TemporaryFolder;
let stack: LocalStack;

beforeAll(async () => {
  folder = await temporaryFolder();
  stack = readStack(await synthesize({ outdir: path.join(folder.path, 'assembly') }));
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

interface Asked {
  readonly path: string;
  readonly offset: number;
  readonly at: number;
}

/** Mobaro with `rows` rows in every list, but for what `answer` says of its own. */
async function withVendor<T>(
  answer: (asked: Asked, response: ServerResponse) => boolean,
  use: (origin: string, asked: Asked[]) => Promise<T>,
): Promise<T> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://vendor');
    const offset = Number(url.searchParams.get('Offset'));
    const limit = Math.min(20, Number(url.searchParams.get('Limit')));
    const call = { path: url.pathname, offset, at: Date.now() };
    asked.push(call);
    if (answer(call, response)) return;
    const items = Array.from({ length: Math.max(0, Math.min(limit, rows - offset)) }, (_, index) => ({
      id: `${url.pathname.slice(1)}/${String(offset + index)}`,
    }));
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ items, total: rows, amount: items.length }));
  });
  const origin = await listen(server);
  try {
    return await use(origin, asked);
  } finally {
    await close(server);
  }
}

async function run(data: string, origin: string, streams: readonly string[], apiKey = 'made-up') {
  const events: LocalEvent[] = [];
  let lastReportAt = 0;
  const result = await runLocally({
    stack,
    dataDir: path.join(folder.path, data),
    selected: new Set(streams),
    baseUrls: new Map([['mobaro', origin]]),
    secrets: new Map([['mobaro', { apiKey }]]),
    dataOption: ' --data here',
    timeoutMs: 240_000,
    signal: new AbortController().signal,
    onEvent: (event) => {
      events.push(event);
      if (event.kind === 'report') lastReportAt = Date.now();
    },
  });
  const endedAt = Date.now();
  const reports = events.flatMap((event) => (event.kind === 'report' ? [event.report] : []));
  const failures = events.filter(({ kind }) => kind === 'function-failed');
  const states = new Map(result.alarms.map(({ name, state }) => [name, state]));
  return { ...result, reports, failures, states, lastReportAt, endedAt };
}

describe('the stack of this project on a laptop', () => {
  it('has the streams of both connectors', () => {
    expect(stack.connections.map(({ name }) => name).sort()).toEqual(['bob', 'mobaro']);
    // Of the watchdog, and of who takes snapshots.
    expect(stack.rounds).toHaveLength(2);
    const streams = stack.connections.flatMap((connection) => connection.streams);
    expect(stack.ticks.map(({ stream }) => stream).sort()).toEqual([...streams].sort());
  });

  it('syncs to the end, waits when it is told to, and rewrites nothing the next time', async () => {
    let refused = 0;
    const streams = ['mobaro/users', 'mobaro/timesheets'];
    await withVendor(
      ({ path: called, offset }, response) => {
        if (called !== '/users' || offset !== 19 || refused > 0) return false;
        refused = Date.now();
        response.writeHead(429, { 'retry-after': '2' }).end();
        return true;
      },
      async (origin, asked) => {
        const first = await run('sync', origin, streams);
        expect(first.failures).toEqual([]);
        expect(first.ended).toBe('settled');
        for (const stream of streams) {
          expect(first.checkpoints.get(stream)).toMatchObject({ state: 'idle', outcome: 'complete' });
          expect(first.checkpoints.get(stream)?.progress).toMatchObject({ records: rows, written: rows });
        }
        expect(first.reports.some(({ next, trigger }) => next === 'redrive' && trigger === 'message')).toBe(
          true,
        );
        const next = asked.find(({ path: called, at }) => called === '/users' && at > refused);
        expect(next?.offset).toBe(19);
        expect(next?.at).toBeGreaterThanOrEqual(refused + 2_000);
        expect([...first.states.values()]).not.toContain('ALARM');

        const second = await run('sync', origin, streams);
        for (const stream of streams) {
          expect(second.checkpoints.get(stream)?.progress).toMatchObject({ written: 0, unchanged: rows });
        }
      },
    );
  });

  it('halts on a 401, keeps its alarm from run to run, and goes on with a new key', async () => {
    const streams = ['mobaro/users'];
    let key = 'old';
    await withVendor(
      (_, response) => {
        if (key === 'new') return false;
        response.writeHead(401).end();
        return true;
      },
      async (origin, asked) => {
        const alarm = `${stack.template.stackName} mobaro unauthorized`;
        const halted = await run('halt', origin, streams, key);
        expect(halted.checkpoints.get('mobaro/users')).toMatchObject({
          state: 'halted',
          outcome: 'unauthorized',
        });
        expect(halted.states.get(alarm)).toBe('ALARM');
        const subject = `${stack.template.stackName}: mobaro key refused (401): users`;
        const told = ({ notifications }: typeof halted): string[] =>
          notifications.filter(({ listeners }) => listeners === 'people').map((one) => one.subject);
        expect(told(halted)).toEqual([`PAGE ${subject}`]);
        const [message] = halted.notifications.filter(({ listeners }) => listeners === 'people');
        expect(message?.message).toContain('\n  npx pagekeeper fix mobaro --data here\n');
        expect(halted.notifications.map((one) => one.subject)).toContain(
          `ALARM: "${alarm}" in US East (N. Virginia)`,
        );
        expect(asked).toHaveLength(1);

        const again = await run('halt', origin, streams, key);
        expect(again.states.get(alarm)).toBe('ALARM');
        expect(told(again)).toEqual([]);
        expect(asked).toHaveLength(1);

        key = 'new';
        const fixed = await run('halt', origin, streams, key);
        expect(fixed.checkpoints.get('mobaro/users')).toMatchObject({ outcome: 'complete' });
        expect(fixed.states.get(alarm)).toBe('OK');
        expect(told(fixed)).toEqual([`OVER ${subject}`]);
        // The watchdog's message and the tick race for the stream, and the loser's message waits 40 s for nothing.
        expect(fixed.endedAt - fixed.lastReportAt).toBeLessThan(30_000);
      },
    );
  });

  it('calls nothing while a secret holds its placeholder', async () => {
    await withVendor(
      () => false,
      async (origin, asked) => {
        const { checkpoints, ended } = await runLocally({
          stack,
          dataDir: path.join(folder.path, 'placeholder'),
          selected: new Set(['mobaro/users']),
          baseUrls: new Map([['mobaro', origin]]),
          secrets: new Map(),
          dataOption: '',
          timeoutMs: 240_000,
          signal: new AbortController().signal,
          onEvent: () => undefined,
        });
        expect(ended).toBe('settled');
        expect(checkpoints.get('mobaro/users')?.outcome).toBe('unconfigured');
        expect(asked).toEqual([]);
      },
    );
  });
});
