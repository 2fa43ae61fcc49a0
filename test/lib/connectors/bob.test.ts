import { describe, expect, it } from 'vitest';

import { bob } from '../../../lib/connectors/bob/bob.ts';
import { defaultStreams, type StreamDefinition } from '../../../lib/connectors/connector.ts';
import { parseJson } from '../../../lib/connectors/json.ts';
import { nothingRedacted } from '../../../lib/connectors/privacy.ts';
import { readPage } from '../../../lib/connectors/read-page.ts';

function stream(name: string): StreamDefinition {
  const definition = bob.streams[name];
  if (!definition) throw new Error(`no stream ${name}`);
  return definition;
}

function read(name: string, body: unknown, parent: string | null = null): ReturnType<typeof readPage> {
  const options = { privacy: nothingRedacted, fields: null, parent };
  return readPage(stream(name), parseJson(JSON.stringify(body)), options);
}

function idsIn(name: string, body: unknown, parent: string | null = null): readonly string[] {
  const page = read(name, body, parent);
  if (page.kind !== 'page') throw new Error(page.reason);
  return page.rows.map(({ id }) => id);
}

const streams = Object.entries(bob.streams).map(([name, definition]) => ({ name, definition }));

describe("Bob's streams", () => {
  it('are three unless more are named', () => {
    expect(defaultStreams(bob)).toEqual(['people', 'employment', 'time-off-changes']);
  });

  it.each(streams)('are on by default only where nothing speaks against it ($name)', ({ definition }) => {
    const { sensitive, module, grade, params } = definition;
    const reserved = sensitive === true || module !== undefined || params !== undefined;
    const doubtful = grade !== 'vendor' && grade !== 'live';
    expect(definition.default === true && (reserved || doubtful)).toBe(false);
  });

  it.each(['salaries', 'equities', 'variable', 'dependents', 'right-to-work', 'entitlement', 'deduction'])(
    'keep what is beyond the ordinary apart (%s)',
    (name) => {
      expect(stream(name).sensitive).toBe(true);
    },
  );

  it.each(streams)('ask for no more fields than are taken ($name)', ({ definition: { fields } }) => {
    const asked = fields?.default ?? [];
    expect(new Set(asked).size).toBe(asked.length);
    expect(asked.length).toBeLessThanOrEqual(fields?.max ?? 0);
  });

  it.each(Object.keys(bob.limitsPerMinute))('have the endpoints whose limits are known (%s)', (endpoint) => {
    expect(streams.map(({ definition }) => `${definition.method} ${definition.path}`)).toContain(endpoint);
  });
});

describe('an answer of Bob that has been described in more than one way', () => {
  const items = [
    { id: '7', name: 'North', children: [{ id: '8', name: 'North-west', children: [] }] },
    { id: 9, name: 'South' },
  ];
  it.each([
    {
      title: 'keyed by name, with everything twice',
      body: { region: { name: 'region', values: items, items } },
    },
    { title: 'keyed by name alone', body: { region: { values: items } } },
    { title: 'an array', body: [{ name: 'region', items }] },
    { title: 'an array under lists', body: { lists: [{ name: 'region', items }] } },
  ])('gives the same items of lists: $title', ({ body }) => {
    expect(idsIn('lists', body)).toEqual(['region/7', 'region/8', 'region/9']);
    const page = read('lists', body);
    const rows = page.kind === 'page' ? page.rows.map(({ json }) => JSON.parse(json) as unknown) : [];
    expect(rows).toMatchObject([
      { list: 'region', name: 'North' },
      { list: 'region', name: 'North-west', parentId: '7' },
      { list: 'region', name: 'South' },
    ]);
  });

  it('is not taken for whole where the items below an item are something else', () => {
    const below = { id: '7', name: 'North', children: [{ id: '8', children: { id: '10' } }] };
    const page = read('lists', [{ name: 'region', items: [below] }]);
    expect(page).toMatchObject({
      kind: 'page',
      rows: [{ id: 'region/7' }, { id: 'region/8' }],
      partial: 'the answer[0].items[0].children[0] has no array at children',
    });
    expect(idsIn('lists', [{ name: 'region', items: [{ id: '7', children: null }] }])).toEqual(['region/7']);
  });

  it.each([{ body: [{ id: 'root.id' }] }, { body: { fields: [{ id: 'root.id' }] } }])(
    'gives the same fields: $body',
    ({ body }) => {
      expect(idsIn('fields', body)).toEqual(['root.id']);
    },
  );

  it.each([
    { body: { employees: [{ id: '3000000000000000001' }] } },
    { body: { employees: [{ '/root/id': { value: '3000000000000000001' } }] } },
  ])('gives the same people: $body', ({ body }) => {
    expect(idsIn('people', body)).toEqual(['3000000000000000001']);
  });

  it.each([
    { values: [{ id: 1 }, { id: 2 }] },
    { values: { values: [{ id: 1 }, { id: 2 }], restricted_columns: [] } },
  ])('gives the same entries of a table: $values', ({ values }) => {
    expect(idsIn('work', { results: [{ employeeId: '5', values }] })).toEqual(['5/1', '5/2']);
  });

  it.each([
    { entries: [{ '/jobRole/id': { value: 4 } }, { '/jobRole/id': { value: 5 } }] },
    { entries: [[{ '/jobRole/id': { value: 4 } }], [{ '/jobRole/id': { value: 5 } }]] },
  ])('gives the same roles: $entries', ({ entries }) => {
    expect(idsIn('job-roles', { JobRoleEntries: entries, response_metadata: {} })).toEqual(['4', '5']);
  });

  it.each([
    { row: { '/goal/id': 'g-1' } },
    { row: { '/goal/id': { value: 'g-1' } } },
    { row: { objectType: 'goal', fields: { '/goal/id': { value: 'g-1' } } } },
    { row: { objectType: 'goal', fields: { id: { value: 'g-1' } } } },
  ])('gives the same goals: $row', ({ row }) => {
    expect(idsIn('goals', { items: [row] })).toEqual(['g-1']);
  });

  it('gives the next cursor by both of its names', () => {
    const cursorOf = (metadata: object): unknown => {
      const page = read('salaries', { results: [], response_metadata: metadata });
      return page.kind === 'page' ? page.cursor : page;
    };
    expect([{ next_cursor: 'a' }, { cursor: 'a' }, { next_cursor: null }].map(cursorOf)).toEqual([
      'a',
      'a',
      null,
    ]);
  });
});

describe('a row of Bob', () => {
  it('names the person for whom it was asked for, so that entry 1 of two people are two', () => {
    const body = { values: [{ id: 1 }] };
    expect(idsIn('custom-table', body, '5')).toEqual(['5/1']);
    expect(idsIn('custom-table', body, '6')).toEqual(['6/1']);
  });

  it.each([
    { before: { avatarUrl: 'https://a' }, after: { avatarUrl: 'https://b' } },
    { before: { work: { tenureYears: 1 } }, after: { work: { tenureYears: 2 } } },
    { before: { '/personal/age': { value: 30 } }, after: { '/personal/age': { value: 31 } } },
  ])('is the same though $before has become $after', ({ before, after }) => {
    const hashOf = (more: object): unknown => {
      const page = read('people', { employees: [{ id: '5', displayName: 'Testa Madeupson', ...more }] });
      return page.kind === 'page' ? page.rows[0]?.hash : page;
    };
    expect(hashOf(after)).toBe(hashOf(before));
    expect(hashOf({ ...after, displayName: 'Testa Notreal' })).not.toBe(hashOf(before));
  });

  it('leaves the list of tasks in doubt where it may have been cut off', () => {
    const tasks = (count: number): object => ({ tasks: Array.from({ length: count }, (_, id) => ({ id })) });
    expect(read('tasks', tasks(4999))).toMatchObject({ partial: null });
    expect(read('tasks', tasks(5000))).toMatchObject({ partial: expect.stringContaining('5000') as string });
  });
});
