import { json } from '../frame/answer.ts';
import { exact, type JsonObject } from '../frame/json.ts';
import { peopleLists } from './people.ts';
import type { Section } from './section.ts';

interface Item {
  readonly id: string;
  readonly name: string;
  readonly archived?: true;
  readonly children?: readonly Item[];
}

const lists: Readonly<Record<string, readonly Item[]>> = {
  ...Object.fromEntries(
    Object.entries(peopleLists).map(([name, items]) => [
      name,
      items.map(({ id, label }): Item => ({ id, name: label })),
    ]),
  ),
  // Case tells two lists apart, and the same ids are in both.
  Department: [{ id: '231645101', name: 'A department of another list' }],
  'cost center': [
    {
      id: '77001',
      name: 'Imaginary',
      children: [
        { id: '77002', name: 'Imaginary north', children: [{ id: '77003', name: 'Imaginary north-west' }] },
        { id: '77004', name: 'Imaginary south', archived: true },
      ],
    },
    { id: '77005', name: 'Fictional', archived: true },
  ],
  'badge colour': [],
};
/** Of one list the ids come as numbers. */
const numbered = 'site';

/**
 * GET /company/named-lists as an account was seen to answer it: an object by the lists' names, with every item twice. The
 * specification has an array.
 */
export const namedLists: Section = {
  routes: [
    {
      method: 'GET',
      path: '/company/named-lists',
      handle: ({ query }) => {
        const archived = query.get('includeArchived') === 'true';
        const entries = Object.entries(lists).map(([name, items]) => {
          const shown = items.flatMap((item) => shownAs(item, name, archived));
          return [name, { name, values: shown, items: shown }];
        });
        return json(200, Object.fromEntries(entries));
      },
    },
  ],
  ids: { lists: () => Object.entries(lists).flatMap(([name, items]) => idsOf(name, items)) },
};

function shownAs(item: Item, list: string, archived: boolean): readonly JsonObject[] {
  if (item.archived && !archived) return [];
  return [
    {
      id: list === numbered ? exact(item.id) : item.id,
      value: item.name,
      name: item.name,
      archived: item.archived ?? false,
      children: (item.children ?? []).flatMap((child) => shownAs(child, list, archived)),
    },
  ];
}

function idsOf(list: string, items: readonly Item[]): readonly string[] {
  return items.flatMap(({ id, children = [] }) => [`${list}/${id}`, ...idsOf(list, children)]);
}
