import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { FunctionWorker, type WorkerSettings } from '../../../../infra/emulator/functions/function-worker.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const context = {
  awsRequestId: 'request-1',
  functionName: 'fn',
  invokedFunctionArn: 'arn',
  memoryLimitInMB: '128',
  logGroupName: 'group',
  logStreamName: 'stream',
};

/** Runs code in a worker and closes it. */
async function withWorker<T>(
  code: string,
  use: (worker: FunctionWorker, lines: string[]) => Promise<T>,
  over: Partial<WorkerSettings> = {},
): Promise<T> {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, over.file ?? 'index.mjs');
  await writeFile(file, code);
  const lines: string[] = [];
  const worker = new FunctionWorker({
    handler: 'handler',
    environment: { COLOUR: 'green' },
    memoryMb: 128,
    timeoutMs: 10_000,
    onLine: (line) => lines.push(line),
    ...over,
    file,
  });
  try {
    return await use(worker, lines);
  } finally {
    await worker.close();
  }
}

describe('a function in a worker', () => {
  it('gets the event, the context and its own environment, and nothing of ours', async () => {
    process.env['PAGEKEEPER_TEST_LEAK'] = 'ours';
    const code = `export const handler = async (event, context) => ({
      event, id: context.awsRequestId, name: context.functionName, version: context.functionVersion,
      left: context.getRemainingTimeInMillis(), env: { ...process.env } });`;
    const invocation = await withWorker(code, (worker) => worker.invoke({ a: 1 }, context));
    delete process.env['PAGEKEEPER_TEST_LEAK'];
    expect(invocation).toMatchObject({
      kind: 'returned',
      value: { event: { a: 1 }, id: 'request-1', name: 'fn', version: '$LATEST', env: { COLOUR: 'green' } },
    });
    const { left, env } = (invocation as { value: { left: number; env: object } }).value;
    expect(left).toBeGreaterThan(5_000);
    expect(left).toBeLessThanOrEqual(10_000);
    expect(env).toEqual({ COLOUR: 'green' });
  });

  it('keeps its module between invocations', async () => {
    await withWorker('let n = 0; export const handler = () => ++n;', async (worker) => {
      expect(await worker.invoke(null, context)).toEqual({ kind: 'returned', value: 1 });
      expect(await worker.invoke(null, context)).toEqual({ kind: 'returned', value: 2 });
    });
  });

  it('may be CommonJS', async () => {
    const invocation = await withWorker(
      'exports.handler = () => "cjs";',
      (worker) => worker.invoke({}, context),
      {
        file: 'index.cjs',
      },
    );
    expect(invocation).toEqual({ kind: 'returned', value: 'cjs' });
  });

  it('returns null where JSON has no word for the result', async () => {
    const invocation = await withWorker('export const handler = async () => {};', (worker) =>
      worker.invoke({}, context),
    );
    expect(invocation).toEqual({ kind: 'returned', value: null });
  });

  it('has all of its lines read before its answer', async () => {
    const code = `export const handler = (n) => { console.error('e' + n); console.log('x'.repeat(300_000)); console.log('last' + n); };`;
    await withWorker(code, async (worker, lines) => {
      for (let n = 1; n <= 10; n += 1) {
        await worker.invoke(n, context);
        expect(lines).toContain(`last${String(n)}`);
        expect(lines).toContain(`e${String(n)}`);
      }
      expect(lines.filter((line) => line.length === 300_000)).toHaveLength(10);
    });
  });

  it('fails with what it throws, and can go on', async () => {
    const code = `export const handler = async (bad) => { if (bad) throw new RangeError('no such page'); return 'fine'; };`;
    await withWorker(code, async (worker) => {
      expect(await worker.invoke(true, context)).toEqual({
        kind: 'failed',
        reason: 'RangeError: no such page',
      });
      expect(worker.isAlive).toBe(true);
      expect(await worker.invoke(false, context)).toEqual({ kind: 'returned', value: 'fine' });
    });
  });

  it.each([
    ['waits', 'await new Promise(() => setInterval(() => {}, 1000));'],
    ['spins', 'for (;;);'],
  ])('is ended at its time-out when it %s, and what it wrote is kept', async (_, wait) => {
    const code = `export const handler = async () => { console.log('before'); ${wait} };`;
    await withWorker(
      code,
      async (worker, lines) => {
        expect(await worker.invoke({}, context)).toEqual({
          kind: 'failed',
          reason: 'it timed out after 1 seconds',
        });
        expect(worker.isAlive).toBe(false);
        expect(lines).toEqual(['before']);
        expect(await worker.invoke({}, context)).toMatchObject({ kind: 'failed' });
      },
      { timeoutMs: 1000 },
    );
  });

  it('fails when it runs out of memory', async () => {
    const code = `export const handler = () => { const all = []; for (;;) all.push(new Array(1000).fill(Math.random())); };`;
    const invocation = await withWorker(code, (worker) => worker.invoke({}, context), { memoryMb: 32 });
    expect(invocation).toEqual({ kind: 'failed', reason: 'it ran out of memory (32 MB)' });
  });

  it.each([
    ['exits', 'export const handler = async () => { process.exit(3); };', 'its process exited with 3'],
    [
      'throws where nobody catches',
      `export const handler = () => new Promise(() => { setTimeout(() => { throw new Error('late'); }, 1); });`,
      'it crashed: Error: late',
    ],
    [
      'cannot be loaded',
      `throw new Error('bad environment');`,
      'it could not be loaded: Error: bad environment',
    ],
    [
      'exports another name',
      'export const main = 1;',
      'it could not be loaded: Error: the bundle exports no function handler',
    ],
  ])('fails when it %s', async (_, code, reason) => {
    await withWorker(code, async (worker) => {
      expect(await worker.invoke({}, context)).toEqual({ kind: 'failed', reason });
      expect(worker.isAlive).toBe(false);
    });
  });
});
