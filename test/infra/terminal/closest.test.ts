import { describe, expect, it } from 'vitest';

import { closest } from '../../../infra/terminal/closest.ts';

const names = ['users', 'user-groups', 'timesheets', 'lists', 'fields', 'salaries', 'departments-and-sites'];

describe('closest', () => {
  it.each([
    ['user', 'users'],
    ['usres', 'users'],
    ['usergroups', 'user-groups'],
    ['timesheet', 'timesheets'],
    ['list', 'lists'],
    ['users', 'users'],
    ['timesheets-by', 'timesheets'],
    ['salary', 'salaries'],
    ['salaried', 'salaries'],
    ['depart', 'departments-and-sites'],
  ])('finds of %s that it is %s', (name, meant) => {
    expect(closest(name, names)).toBe(meant);
  });

  it.each(['webhooks', 'abc', '', 'dep', 'listening', 'timesheets-of-yesterday'])(
    'finds nothing near %j',
    (name) => {
      expect(closest(name, names)).toBeUndefined();
    },
  );
});
