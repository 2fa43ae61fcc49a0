import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { events, happen, later } from './events.ts';
import { now, situationOf, situations, type Situation } from './situations.ts';
import { statesInMarkdown, statesTable } from './states-table.ts';

const names = Object.keys(situations) as Situation[];

describe('the table of states', () => {
  it.each(names)('begins with a stream that is in fact %s', (name) => {
    expect(situationOf(situations[name], now)).toBe(name);
  });

  it.each(events.flatMap((event) => names.map((name) => ({ event, name }))))(
    'says what "$event" makes of $name',
    ({ event, name }) => {
      const next = happen[event](situations[name]);
      const at = event === 'watchdog, after hours' ? later : now;
      expect(next === null ? '-' : situationOf(next, at)).toBe(statesTable[event][name]);
    },
  );

  it.each(events)('and no run is lost or found by "%s"', (event) => {
    for (const name of names) {
      const next = happen[event](situations[name]);
      if (next === null) continue;
      // A run is open exactly where there is something to carry on.
      const isOpen = next.state !== 'idle' && !(next.state === 'halted' && event === 'halt for good');
      if (next.state === 'paused') continue;
      expect([name, next.run !== null]).toEqual([name, isOpen]);
    }
  });

  it('is what docs/architecture.md shows', () => {
    const page = readFileSync(path.join(import.meta.dirname, '../../docs/architecture.md'), 'utf8');
    const [, shown = ''] = page.split(/<!-- \/?states -->/);
    expect(cellsOf(shown)).toEqual(cellsOf(statesInMarkdown()));
  });
});

/** Of the rows of a Markdown table, without the blanks and dashes that line it up. */
function cellsOf(table: string): string[][] {
  const rows = table.split('\n').filter((line) => line.startsWith('|') && !/^[| -]+$/.test(line));
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
