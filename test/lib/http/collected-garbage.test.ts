import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { startHttpServer, type Handler } from '../../support/http-server.ts';

const script = fileURLToPath(new URL('../../support/call-while-collecting.ts', import.meta.url));

/** What becomes of a call while all garbage is collected, again and again. */
async function called(handler: Handler, timeoutMs: number, stopAfterMs: number): Promise<unknown> {
  const server = await startHttpServer(handler);
  const times = [timeoutMs, stopAfterMs].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...['--expose-gc', script, server.origin],
    ...times,
  ]);
  await server.stop();
  return JSON.parse(stdout) as unknown;
}

/** Bytes without end. */
const drip =
  (status: number, headers: Record<string, string>, first: string): Handler =>
  (_request, response) => {
    response.writeHead(status, headers).write(first);
    const dripping = setInterval(() => response.write(' '), 20);
    response.on('close', () => {
      clearInterval(dripping);
    });
  };

const timedOut = (reason: string) => ({ kind: 'unanswered', failure: 'time-out', reason });

describe('a call is ended in time, whatever garbage has been collected', () => {
  const cases: readonly (readonly [string, Handler])[] = [
    ['before the headers', () => undefined],
    ['in the body of a page', drip(200, {}, '[')],
    ['in the body of a page that has stopped', (_request, response) => response.writeHead(200).write('[')],
    [
      'in a body that is compressed',
      (_request, response) =>
        response
          .writeHead(200, { 'content-encoding': 'gzip' })
          .write(gzipSync('['.repeat(9)).subarray(0, -1)),
    ],
    [
      'after a redirect',
      ({ url }, response) => {
        if (url === '/') response.writeHead(307, { location: '/next' }).end();
        else response.writeHead(200).write('[');
      },
    ],
  ];
  it.each(cases)('by the deadline %s', async (_where, handler) => {
    expect(await called(handler, 600, 60_000)).toEqual(timedOut('no complete answer within 0.6 s'));
  });

  it.each(cases)('by whoever stops it %s', async (_where, handler) => {
    expect(await called(handler, 60_000, 600)).toEqual(
      timedOut('stopped before the function runs out of time'),
    );
  });

  // Long enough for the first bytes to come.
  it.each([
    ['by the deadline', 3000, 60_000],
    ['by whoever stops it', 60_000, 3000],
  ])('%s in the body of an error, whose status is told', async (_how, timeoutMs, stopAfterMs) => {
    const answer = await called(drip(500, {}, '{"error":"no"}'), timeoutMs, stopAfterMs);
    expect(answer).toMatchObject({
      kind: 'answered',
      status: 500,
      body: expect.stringMatching(/^\{"error":"no"\} *$/),
    });
  });
});
