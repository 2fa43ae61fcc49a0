import { describe, expect, it } from 'vitest';

import { storedWithinMs } from '../../../lib/changes/change.ts';
import { historyOf, lakeColumns, presentStateOf, viewOf } from '../../../lib/tables/lake-sql.ts';

const text = { kind: 'text' } as const;

it('a line that was stored longer ago than that before a snapshot does not come on top of it', () => {
  expect(presentStateOf('bob/people')).toContain(`- interval '${String(storedWithinMs / 3_600_000)}' hour`);
});

describe('the columns of a view', () => {
  it('have names that Athena takes, no two of one name', () => {
    const names = ['work.title', 'Work/Title', 'Größe', '4th', '_id', 'displayName', '日本'];
    const columns = lakeColumns(names.map((name) => ({ name, type: text, paths: [[name]] })));
    expect(columns.map(({ name }) => name)).toEqual([
      ...['work_title', 'work_title_2', 'gro_e', '_4th', 'id', 'displayname', '_'],
    ]);
  });

  it('are read at each place at which the field may stand', () => {
    const paths = [['work', 'title'], ['/work/title']];
    expect(presentStateOf('bob/people', [{ name: 'work_title', type: text, paths }])).toContain(
      `coalesce(json_extract_scalar(line, '$["data"]["work"]["title"]'), json_extract_scalar(line, '$["data"]["/work/title"]')) as "work_title"`,
    );
  });

  it.each([
    [{ kind: 'integer' }, 'try_cast(json_extract_scalar('],
    [{ kind: 'decimal', scale: 2 }, `, '^-?[0-9]+([.][0-9]{1,2})?$') then try_cast(json_extract_scalar(`],
    [{ kind: 'decimal', scale: 0 }, `, '^-?[0-9]+$') then try_cast(json_extract_scalar(`],
    [{ kind: 'timestamp' }, 'try(cast(from_iso8601_timestamp('],
    [{ kind: 'date' }, 'as date)'],
    [{ kind: 'json' }, 'json_format(json_extract('],
    [{ kind: 'mixed' }, 'coalesce(json_extract_scalar('],
  ] as const)('have the type of their values: %j', (type, sql) => {
    expect(presentStateOf('bob/people', [{ name: 'x', type, paths: [['x']] }])).toContain(sql);
  });

  it('cannot end a text of the statement', () => {
    const sql = viewOf(
      'v',
      'bob/people',
      lakeColumns([{ name: `it's "x"`, type: text, paths: [[`it's "x"\\`]] }]),
    );
    expect(sql).toContain(`'$["data"]["it''s \\"x\\"\\\\"]'`);
    expect(sql).toContain('as "it_s_x"');
    expect(historyOf('bob/people', `'; drop`)).toContain(`where id = '''; drop'`);
  });
});
