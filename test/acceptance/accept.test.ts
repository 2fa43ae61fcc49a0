import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import type { StreamDefinition } from '../../lib/connectors/connector.ts';
import { accept, type Result } from './run-acceptance.ts';
import { thirdVendor } from './third-vendor.ts';

const { crossings } = thirdVendor.streams;

async function failures(change: Partial<StreamDefinition>): Promise<readonly string[]> {
  if (crossings === undefined) throw new Error('no such stream');
  const streams = { crossings: { ...crossings, ...change } };
  const results: Result[] = await Array.fromAsync(accept({ ...thirdVendor, streams }, 'crossings'));
  return results.filter(({ passed }) => !passed).map(({ check }) => check);
}

describe('a definition that is wrong', () => {
  it.each([
    ['names what nothing fills in', { query: { of: '{company}' } }, 'is what the language takes'],
    ['does not use its window', { body: {} }, 'is what the language takes'],
    ['is sensitive and on by default', { sensitive: true }, 'is what the language takes'],
    ['rests on a guess and is on by default', { grade: 'unverified' }, 'is what the language takes'],
    ['has no id', { id: [] }, 'is what the language takes'],
    [
      'asks for more than there may be',
      { windows: { days: 1, format: 'instant', lookBackHours: 48, historyDays: 1 } },
      'is what the language takes',
    ],
  ] as const)('%s, and fails', async (_, change, check) => {
    expect(await failures(change)).toContain(check);
  });

  it('has an id that is not one of its own, and its rows are not told apart', async () => {
    expect(await failures({ id: [[['invented']]] })).not.toEqual([]);
  });
});

describe('npm run acceptance', () => {
  const run = async (...args: readonly string[]): Promise<{ code: number; stdout: string }> => {
    const command = ['test/acceptance/accept.ts', ...args];
    try {
      const { stdout } = await promisify(execFile)(process.execPath, command);
      return { code: 0, stdout };
    } catch (error) {
      const { code, stdout } = error as { code: number; stdout: string };
      return { code, stdout };
    }
  };

  it('tells each check, counts them, and ends well', async () => {
    const { code, stdout } = await run('test/acceptance/third-vendor.ts');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok {4}ferry\/crossings {2}stores exactly the rows/m);
    expect(stdout).toMatch(/ferry\/crossings\s*│ (\d\d)\s*│ \1\s*│ 0/);
  });

  it('writes one document for machines', async () => {
    const { code, stdout } = await run('test/acceptance/third-vendor.ts', '--stream', 'crossings', '--json');
    const { results } = JSON.parse(stdout) as { results: readonly Result[] };
    expect(code).toBe(0);
    expect(results.length).toBeGreaterThan(20);
    expect(new Set(results.map(({ passed }) => passed))).toEqual(new Set([true]));
  });

  it.each([
    [['test/acceptance/third-vendor.ts', '--stream', 'ferries'], 2],
    [[], 2],
    [['--help'], 0],
    [['test/acceptance/check.ts'], 1],
  ])('ends %j with %i', async (args, code) => {
    expect((await run(...args)).code).toBe(code);
  });
});
