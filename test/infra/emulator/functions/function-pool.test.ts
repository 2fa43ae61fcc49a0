import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { describe, expect, it } from 'vitest';

import { FunctionPool } from '../../../../infra/emulator/functions/function-pool.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const context = {
  awsRequestId: 'request-1',
  functionName: 'fn',
  invokedFunctionArn: 'arn',
  memoryLimitInMB: '128',
  logGroupName: 'group',
  logStreamName: 'stream',
};

async function withPool<T>(code: string, use: (pool: FunctionPool) => Promise<T>): Promise<T> {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'index.mjs');
  await writeFile(file, code);
  const pool = new FunctionPool({
    file,
    handler: 'handler',
    environment: {},
    memoryMb: 128,
    timeoutMs: 10_000,
    onLine: () => undefined,
  });
  try {
    return await use(pool);
  } finally {
    await pool.close();
  }
}

/** Tells which execution environment answered. */
const who = `import { threadId } from 'node:worker_threads';\n`;

describe('the execution environments of a function', () => {
  it('are used again', async () => {
    const code = `${who}export const handler = () => threadId;`;
    await withPool(code, async (pool) => {
      const first = await pool.invoke({}, context);
      expect(await pool.invoke({}, context)).toEqual(first);
    });
  });

  it('are replaced when they die', async () => {
    const code = `${who}export const handler = (die) => { if (die) process.exit(1); return threadId; };`;
    await withPool(code, async (pool) => {
      const first = await pool.invoke(false, context);
      expect(await pool.invoke(true, context)).toMatchObject({ kind: 'failed' });
      const next = await pool.invoke(false, context);
      expect(next.kind).toBe('returned');
      expect(next).not.toEqual(first);
    });
  });

  it('are replaced when they died while nobody called', async () => {
    const code = `${who}export const handler = (dies) => { if (dies) setTimeout(() => process.exit(1), 20); return threadId; };`;
    await withPool(code, async (pool) => {
      const first = await pool.invoke(true, context);
      let next = first;
      // It dies of the first call, as soon as the machine lets it.
      while (isDeepStrictEqual(next, first)) {
        await new Promise((resolve) => setTimeout(resolve, 300));
        next = await pool.invoke(false, context);
      }
      expect(next.kind).toBe('returned');
    });
  });

  it('are never more than three, and never do two things at once', async () => {
    // Long enough for others to be started meanwhile.
    const code = `${who}let busy = 0;
      export const handler = async () => {
        busy += 1;
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return { threadId, busy: busy-- };
      };`;
    await withPool(code, async (pool) => {
      const results = await Promise.all(Array.from({ length: 9 }, () => pool.invoke({}, context)));
      const values = results.map((result) => (result as { value: { threadId: number; busy: number } }).value);
      expect(new Set(values.map(({ threadId }) => threadId)).size).toBe(3);
      expect(values.every(({ busy }) => busy === 1)).toBe(true);
    });
  });

  it('end with the pool, and so do invocations', async () => {
    const code = 'export const handler = () => new Promise(() => setInterval(() => {}, 1000));';
    const invocations = await withPool(code, (pool) => {
      const running = [pool.invoke({}, context), pool.invoke({}, context)];
      return Promise.resolve({ running });
    });
    for (const invocation of invocations.running) expect(await invocation).toMatchObject({ kind: 'failed' });
  });
});
