import { describe, expect, it } from 'vitest';

import {
  csvField,
  isDelimiter,
  listRecords,
  type RecordFormat,
  type RecordSource,
} from '../../../lib/operations/list-records.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';

const stamp = {
  firstSeenAt: '2026-11-01T00:00:00.000Z',
  changedAt: '2026-11-02T00:00:00.000Z',
  deletedAt: null,
};
const records: readonly StoredRecord[] = [
  { stream: 'mobaro/users', id: 'users/1', json: '{"id":"users/1","n":12345678901234567890.10}', ...stamp },
  { stream: 'mobaro/users', id: 'users/2', json: '{"id":"users/2","name":"Ada \\"Test\\""}', ...stamp },
];

function sourceOf(rows: readonly StoredRecord[]): RecordSource {
  return {
    async *scan(stream) {
      yield* rows.filter((row) => row.stream === stream);
    },
  };
}

async function text(format: RecordFormat, rows = records): Promise<string> {
  return (await Array.fromAsync(listRecords(sourceOf(rows), 'mobaro/users', format))).join('');
}

describe('listRecords', () => {
  it('gives one object a line as ndjson, the data with every digit', async () => {
    const lines = (await text('ndjson')).split('\n');

    expect(lines).toEqual([
      '{"stream":"mobaro/users","id":"users/1","data":{"id":"users/1","n":12345678901234567890.10},"firstSeenAt":"2026-11-01T00:00:00.000Z","changedAt":"2026-11-02T00:00:00.000Z"}',
      '{"stream":"mobaro/users","id":"users/2","data":{"id":"users/2","name":"Ada \\"Test\\""},"firstSeenAt":"2026-11-01T00:00:00.000Z","changedAt":"2026-11-02T00:00:00.000Z"}',
      '',
    ]);
  });

  it('gives one array as json', async () => {
    expect(JSON.parse(await text('json'))).toMatchObject([
      { id: 'users/1' },
      { data: { name: 'Ada "Test"' } },
    ]);
    expect(await text('json')).toContain('12345678901234567890.10');
    expect(JSON.parse(await text('json', []))).toEqual([]);
  });

  it('gives a heading and quoted fields as csv', async () => {
    expect(await text('csv')).toBe(
      [
        '"id","firstSeenAt","changedAt","deletedAt","data"',
        `"users/1","${stamp.firstSeenAt}","${stamp.changedAt}","","{""id"":""users/1"",""n"":12345678901234567890.10}"`,
        `"users/2","${stamp.firstSeenAt}","${stamp.changedAt}","","{""id"":""users/2"",""name"":""Ada \\""Test\\""""}"`,
        '',
      ].join('\r\n'),
    );
  });

  it('says when a record was deleted, and of no other that it was not', async () => {
    const deletedAt = '2026-11-03T00:00:00.000Z';
    const source = sourceOf([
      ...records,
      { ...stamp, stream: 'mobaro/users', id: 'users/3', json: '{"id":"users/3"}', deletedAt },
      { ...stamp, stream: 'mobaro/users', id: 'users/4', json: null, deletedAt },
    ]);
    const lines = (await Array.fromAsync(listRecords(source, 'mobaro/users', 'ndjson')))
      .join('')
      .trim()
      .split('\n');
    expect(lines.map((line) => (JSON.parse(line) as Record<string, unknown>)['deletedAt'])).toEqual([
      undefined,
      undefined,
      deletedAt,
      deletedAt,
    ]);
    expect(lines[3]).toContain('"data":null');
    const csv = (await Array.fromAsync(listRecords(source, 'mobaro/users', 'csv'))).join('');
    expect(csv).toContain(`"users/4","${stamp.firstSeenAt}","${stamp.changedAt}","${deletedAt}",""\r\n`);
  });

  it('gives nothing but the heading for a stream without records', async () => {
    expect(await text('ndjson', [])).toBe('');
    expect(await text('csv', [])).toBe('"id","firstSeenAt","changedAt","deletedAt","data"\r\n');
  });
});

describe('csvField', () => {
  it.each([
    ...['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '\nx'],
    ...[' =1', '   @x', '\u00a0=1', '\u3000+1', '\u2003-1', '\ufeff=1', '\u200b=1', '\u2060@x', '\u00ad=1'],
    ...[
      '\u200e=1',
      '\u202e=1',
      '\u0000=1',
      '\u001b=1',
      '\u3164=1',
      ' \ufeff \u200b=cmd|\u0027/c calc\u0027!A0',
    ],
    ...['＝1+1', '＋1', '－1', '＠SUM(A1)', '﹦1', '﹢1', '﹣1', '﹫x', '−1', ' ＝1'],
  ])('keeps a spreadsheet from running %j', (formula) => {
    expect(csvField(formula)).toBe(`"'${formula}"`);
  });

  it.each([
    ['a,b', '"a,b"'],
    ['a"b', '"a""b"'],
    ['a\nb', '"a\nb"'],
    ['=a"b', `"'=a""b"`],
    ['plain', '"plain"'],
    ['a=b', '"a=b"'],
    [' plain', '" plain"'],
    ['users/1-A', '"users/1-A"'],
    ['', '""'],
  ])('writes %j as %j', (raw, field) => {
    expect(csvField(raw)).toBe(field);
  });
});

describe('another delimiter', () => {
  const lines = async (delimiter: string): Promise<string[]> =>
    (await Array.fromAsync(listRecords(sourceOf(records), 'mobaro/users', 'csv', delimiter)))
      .join('')
      .split('\r\n');

  it.each([';', '\t', '|'])('stands between all fields: %j', async (delimiter) => {
    const [heading = '', first = ''] = await lines(delimiter);
    expect(heading).toBe(
      ['id', 'firstSeenAt', 'changedAt', 'deletedAt', 'data'].map(csvField).join(delimiter),
    );
    expect(first.split(`"${delimiter}"`)).toHaveLength(5);
  });

  it.each([',', ';', '\t', '|', ' ', ':', '§', '¦'])('may be %j', (delimiter) => {
    expect(isDelimiter(delimiter)).toBe(true);
  });

  it.each(['', '"', '\n', '\r', 'ab', ';;', 'a', '7', '\u0000', '\u001b', '\u200b', '\u2028', '\\t'])(
    'is none of %j',
    (delimiter) => {
      expect(isDelimiter(delimiter)).toBe(false);
    },
  );
});
