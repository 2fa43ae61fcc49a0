import { describe, expect, it } from 'vitest';

import {
  fillJson,
  fillPath,
  fillText,
  placeholdersIn,
  withParams,
} from '../../../lib/connectors/template.ts';

const values = {
  now: Date.parse('2026-11-22T23:59:59Z'),
  since: '2026-01-01T00:00:00Z',
  until: '2026-02-01T00:00:00Z',
  parent: 'users/1-A b',
  ids: ['1', '2'],
  file: 'a?b',
};

describe('what stands in braces', () => {
  it('goes into a path as one segment', () => {
    expect(fillPath('/people/{parent}/rows/{file}', values)).toBe('/people/users%2F1-A%20b/rows/a%3Fb');
  });

  it.each(['.', '..'])('is never a step in a path: %s', (parent) => {
    expect(() => fillPath('/people/{parent}', { ...values, parent })).toThrow('cannot be');
  });

  it('goes into a text as it is, more than once', () => {
    expect(fillText('{since}/{until}/{since}', values)).toBe(
      '2026-01-01T00:00:00Z/2026-02-01T00:00:00Z/2026-01-01T00:00:00Z',
    );
  });

  it.each([
    ['{today}', '2026-11-22'],
    ['{today-30}', '2026-10-23'],
    ['{today+60}', '2027-01-21'],
  ])('may be a day: %s is %s', (text, day) => {
    expect(fillText(text, values)).toBe(day);
  });

  it('is found in every place of a JSON value, and becomes a list where it is one', () => {
    expect(fillJson({ a: [{ values: '{ids}' }], b: '{parent}!', c: 3, d: null }, values)).toEqual({
      a: [{ values: ['1', '2'] }],
      b: 'users/1-A b!',
      c: 3,
      d: null,
    });
  });

  it('has to be known', () => {
    expect(() => fillText('{tpyo}', values)).toThrow('There is nothing to put in the place of {tpyo}');
    expect(() => fillText('{since}', { now: 0 })).toThrow('{since}');
    expect(() => fillJson('{ids}', { now: 0 })).toThrow('{ids}');
    expect(fillText('{"json": {}}', values)).toBe('{"json": {}}');
  });

  it('can be listed', () => {
    expect(placeholdersIn({ path: '/{parent}', query: { from: '{today-30}' } })).toEqual(['parent', 'today']);
    expect(placeholdersIn(undefined)).toEqual([]);
  });

  it.each(['.', '..'])('that a user gives is no step between the segments of a path: %j', (table) => {
    expect(() => withParams({ path: '/tables/{table}' }, { table })).toThrow(
      `{table} cannot be ${table} in a path`,
    );
    expect(withParams({ query: { view: '{table}' } }, { table })).toEqual({ query: { view: table } });
  });

  it('may be put in once and for all by the user', () => {
    const definition = {
      path: '/tables/{parent}/{table}',
      query: { view: '{table}' },
      pages: [{ x: '{table}' }],
    };
    expect(withParams(definition, { table: 'a b', list: ['x'] })).toEqual({
      path: '/tables/{parent}/a%20b',
      query: { view: 'a b' },
      pages: [{ x: 'a b' }],
    });
  });
});
