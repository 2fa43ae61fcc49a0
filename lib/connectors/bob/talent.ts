import type { StreamDefinition } from '../connector.ts';
import { bodyCursor, field, fieldsOf, search } from './shapes.ts';

/** Sources: the reference of goals and "Object-based endpoints"; and that of skills; how their rows look is known from code. */
export const talent: Readonly<Record<string, StreamDefinition>> = {
  // Which fields a goal has is for its metadata to say, and how a row looks is not shown: every form that has been described
  // is taken. Paging is accepted there, but not enforced: all come in one answer.
  goals: search(
    fieldsOf('goal', 'id', 'title', 'description', 'status', 'progress', 'startDate', 'dueDate'),
    {
      about: 'a goal',
      path: '/goals/goals/search',
      items: { path: ['items'] },
      id: [
        [
          ...field('/goal/id'),
          ['fields', '/goal/id', 'value'],
          ['fields', 'id', 'value'],
          ['id', 'value'],
          ['id'],
        ],
      ],
      paging: { kind: 'none' },
      module: 'Talent',
      grade: 'unverified',
    },
  ),
  skills: search(
    fieldsOf(
      'skill',
      'id',
      'name',
      'description',
      'status',
      'categoryName',
      'source',
      'externalId',
      'proficiencyLevels',
      'createdAt',
    ),
    {
      about: 'a skill that was made through the API; those made in Bob itself do not come',
      path: '/skills/search',
      items: { path: ['items'] },
      id: [field('/skill/id')],
      paging: bodyCursor('top', { default: 200, max: 200 }),
      empty: 'normal',
      module: 'Skills',
      grade: 'code',
    },
  ),
};
