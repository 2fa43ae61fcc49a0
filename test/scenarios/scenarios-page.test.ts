import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { alarmKinds, runbookSection } from '../../lib/on-call/alarm-kinds.ts';
import { scenarios } from './scenarios.ts';

/** Where one of these fails, `npm run scenarios -- --markdown` writes the page anew. How long things took is not held. */
const page = readFileSync(path.join(import.meta.dirname, '../../docs/scenarios.md'), 'utf8');

const cells = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

describe('docs/scenarios.md', () => {
  it('has a row for each scenario, in their order, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ['));
    expect(rows.map((row) => cells(row).filter((_, column) => column < 3 || column === 7))).toEqual(
      scenarios.map(({ kind, alarm, cause }) => [
        `[${alarm}](runbook.md#${runbookSection(kind)})`,
        cause,
        alarmKinds[kind].severity,
        'ALARM, OK',
      ]),
    );
  });

  it('says that no notification is sent on the quiet day', () => {
    expect(page.replace(/\s+/g, ' ')).toMatch(
      /Of \d+ requests of a day \d+ were answered .* were not answered\. No notification was sent\./,
    );
  });
});
