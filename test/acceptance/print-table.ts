import Table from 'cli-table3';

import type { Result } from './run-acceptance.ts';

/** By stream, how many checks were passed; and what was not. */
export function printTable(results: readonly Result[]): void {
  const table = new Table({
    head: ['stream', 'checks', 'passed', 'failed'],
    style: { head: [], border: [] },
  });
  const streams = [...new Set(results.map(({ stream }) => stream))];
  for (const stream of streams) {
    const own = results.filter((result) => result.stream === stream);
    table.push([stream, ...counts(own)]);
  }
  table.push([streams.length === 1 ? '1 stream' : `${String(streams.length)} streams`, ...counts(results)]);
  console.log(`\n${table.toString()}`);
  const failed = results.filter(({ passed }) => !passed);
  for (const { stream, check, sentence } of failed) console.log(`\n${stream} fails: ${check}\n  ${sentence}`);
}

function counts(results: readonly Result[]): readonly number[] {
  const passed = results.filter((result) => result.passed).length;
  return [results.length, passed, results.length - passed];
}
