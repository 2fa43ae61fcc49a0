import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { alarmKinds, runbookSection } from '../../lib/on-call/alarm-kinds.ts';
import { failuresOfTelling, incidentStories } from './incident-stories.ts';
import { scenarios } from './scenarios.ts';

/** Where one of these fails, `npm run scenarios -- --markdown` writes the page anew. How long things took is not held. */
const page = readFileSync(path.join(import.meta.dirname, '../../docs/scenarios.md'), 'utf8');

const cells = (row: string): string[] =>
  row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** What is below a title, as one text. */
const below = (title: string): string => page.split(/^### /m).find((part) => part.startsWith(title)) ?? '';

describe('docs/scenarios.md', () => {
  it('has a row for each scenario, in their order, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ['));
    expect(rows.map((row) => cells(row).slice(0, 3))).toEqual(
      scenarios.map(({ kind, alarm, cause }) => [
        `[${alarm}](runbook.md#${runbookSection(kind)})`,
        cause,
        alarmKinds[kind].severity,
      ]),
    );
  });

  it('has a list for each story, in their order, and no other', () => {
    const titles = [...page.matchAll(/^### (.*)$/gm)].map(([, title]) => title?.toLowerCase());
    const causes = scenarios.map(({ cause }) => cause);
    const stories = [...incidentStories, ...failuresOfTelling].map(({ title }) => title);
    expect(titles).toEqual([...causes, ...stories].map((title) => title.toLowerCase()));
  });

  it.each([...incidentStories, ...failuresOfTelling])(
    'has what people are told: $title',
    ({ title, told }) => {
      const lines = below(title)
        .split('\n')
        .filter((line) => /^ *[\d,]+ +people /.test(line));
      const subjects = told.map(({ subject }) =>
        subject.replace(/^\w+ /, '').replace('(no subject)', 'given up'),
      );
      expect(lines).toHaveLength(subjects.length);
      for (const [index, subject] of subjects.entries()) expect(lines[index]).toContain(subject);
    },
  );

  it('says that nothing is sent on the quiet day', () => {
    expect(page.replace(/\s+/g, ' ')).toMatch(
      /Of \d+ requests of a day \d+ were answered .* were not answered\. No message was sent\./,
    );
  });
});
