import { expect, it } from 'vitest';

import { tableNamesOf } from '../../../../infra/cli/tables/table-name.ts';

it('gives each stream a name of its own', () => {
  const names = tableNamesOf(['bob/time-off-changes', 'bob/people-people', 'bob-people/people']);
  expect([...names.values()]).toEqual(['bob_time_off_changes', 'bob_people_people', 'bob_people_people_2']);
});
