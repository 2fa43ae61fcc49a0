import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { defaultStreams, type Connector } from '../../lib/connectors/connector.ts';
import { connectors } from '../../lib/connectors/registry.ts';
import { streamsPage } from './streams-page.ts';

const all = Object.values(connectors);
const page = await streamsPage(all);

/** The cells of each row that begins with a stream's name. */
function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const streamRows = rowsOf(page).filter((cells) => cells.length === 11);

describe('docs/streams.md', () => {
  it('is what npm run streams -- --write makes of the definitions', () => {
    expect(readFileSync(path.join(import.meta.dirname, '../../docs/streams.md'), 'utf8')).toBe(page);
  });

  it('has a row for each stream of each connector', () => {
    const names = all.flatMap(({ streams }) => Object.keys(streams).map((name) => `\`${name}\``));
    expect(streamRows.map(([name]) => name)).toEqual(names);
  });

  it('tells what is on by default, and nothing sensitive is', () => {
    const on = streamRows.filter((cells) => cells[9] === 'on').map(([name = '']) => name.slice(1, -1));
    expect(on).toEqual(all.flatMap(defaultStreams));
    expect(streamRows.filter((cells) => cells[9] === 'on' && cells[7] !== '')).toEqual([]);
    expect(streamRows.filter((cells) => cells[7] === 'sensitive').length).toBeGreaterThan(5);
  });

  it('says of a made-up stream all that its definition says', async () => {
    const made: Connector = {
      ...connectors['mobaro']!,
      title: 'Acme',
      limitScope: 'endpoint',
      limitsPerMinute: { 'POST /visits/{parent}/{kind}': 1200 },
      streams: {
        visits: {
          ...{ about: 'a visit | or two', method: 'POST', path: '/visits/{parent}/{kind}', grade: 'live' },
          params: { kind: { meaning: 'the kind', pattern: 'a|b', many: true } },
          items: { path: [] },
          id: [
            [['/visit/id', 'value'], ['/visit/id']],
            [['at'], ['seen', 'at']],
          ],
          ...{ parents: { stream: 'parks' }, cap: 5000, sensitive: true, module: 'Visits' },
          windows: { days: 7, format: 'date', lookBackHours: 24, historyDays: 1000 },
          batches: { list: {}, body: {}, size: 50, over: 2000 },
          paging: {
            ...{ kind: 'cursor', limit: 'l', cursor: 'c', within: [], next: [] },
            pageSize: { default: 10, max: 10 },
          },
        },
      },
    };
    expect(rowsOf(await streamsPage([made]))).toEqual([
      [
        '`visits`',
        'a visit \\| or two',
        '`POST /visits/{parent}/{kind}`',
        'cursor in the body, 10 at a time; in windows of 7 days, the first 1,000 days ago, later ones 24 hours back; for each record of `parks`; over 2,000 rows in batches of 50 ids; at 5,000 rows the vendor stops, and the run is `partial`',
        '`/visit/id`, `at` or `seen.at`',
        'incremental',
        '1,200 a minute',
        'sensitive',
        'Visits',
        '',
        '`live`',
      ],
      ['`visits`', '`kind`', 'the kind', 'a list of texts', '`a\\|b`'],
    ]);
  });
});
