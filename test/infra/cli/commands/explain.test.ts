import { expect, it } from 'vitest';

import { explanationText } from '../../../../infra/cli/commands/explain.ts';
import { plain } from '../../../../infra/terminal/colors.ts';
import type { EventStory, Explanation } from '../../../../lib/operations/explain.ts';

const now = Date.parse('2026-03-04T13:00:00.000Z');
const before = (minutes: number): string => new Date(now - minutes * 60_000).toISOString();

const event = (minutes: number, sentence: string): EventStory => ({
  ...{ at: before(minutes), until: before(minutes), what: 'complete', status: 200, reason: null, times: 1 },
  ...{ pages: 1, written: 1, deleted: 0, sentence },
});

const explanation: Explanation = {
  stream: 'bob/people',
  runs: [
    { began: before(1500), events: [event(1499, 'synced to its end: 4 pages, 60 records written')] },
    {
      began: before(12),
      events: [
        event(
          12,
          'waits for its next try (HTTP 503), 2 times within 12 s; 1 page so far, and so on to a second line',
        ),
        event(3, 'the vendor knows no such stream (404); 1 page so far'),
      ],
    },
  ],
  fields: null,
  schemaNews: [
    { stream: 'bob/people', at: before(60), kind: 'gone', field: 'work.title', from: null, to: null },
  ],
  muted: null,
  next: '',
  steps: [
    { words: 'It starts anew with the next tick, due in 3 min.', command: null },
    {
      words: 'Only if that is right:',
      command: `npx pagekeeper allow-empty-fields bob/people --stack ${'A'.repeat(40)}`,
    },
  ],
  nextAt: null,
  haltedSince: null,
};

it('tells times from now on, in lines of 80 characters but for a command', () => {
  expect(explanationText(explanation, now, plain).split('\n')).toEqual([
    'bob/people',
    '',
    'Run begun 25 h ago (2026-03-03 12:00 UTC)',
    '    24 h ago  synced to its end: 4 pages, 60 records written',
    '',
    'Run begun 12 min ago (12:48 UTC)',
    '  12 min ago  waits for its next try (HTTP 503), 2 times within 12 s; 1 page so',
    '              far, and so on to a second line',
    '   3 min ago  the vendor knows no such stream (404); 1 page so far',
    '',
    'Schema: work.title comes no more, 1 h ago',
    'Next: It starts anew with the next tick, due in 3 min.',
    '      Only if that is right:',
    `    npx pagekeeper allow-empty-fields bob/people --stack ${'A'.repeat(40)}`,
  ]);
});
