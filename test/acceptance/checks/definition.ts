import { pageSizeIn, type StreamDefinition } from '../../../lib/connectors/connector.ts';
import { demand, type Check } from '../check.ts';
import { placeholdersIn } from '../model/match.ts';
import { ownParts } from '../model/model-row.ts';
import { exampleParams } from '../params.ts';

/** What can be seen of a definition without asking anything. */
export const definitionChecks: readonly Check[] = [
  {
    name: 'names what is filled in, and uses it',
    run: async ({ definition }) => {
      const used = usedIn(definition);
      const known = new Set(knownTo(definition));
      const unknown = used.filter((name) => !known.has(name) && !/^today([+-]\d{1,4})?$/.test(name));
      demand(unknown.length === 0, `nothing fills in {${unknown[0] ?? ''}}`);
      const many = definition.parents !== undefined && 'param' in definition.parents;
      const unused = [...known].filter((name) => !used.includes(name));
      demand(unused.length === 0, `{${unused[0] ?? ''}} is in no request`);
      if (many && 'param' in definition.parents) {
        const { param } = definition.parents;
        demand(definition.params?.[param]?.many === true, `the parents are no list in the params: ${param}`);
      }
      return used.length === 0 ? 'nothing is filled in' : `fills in ${[...new Set(used)].join(', ')}`;
    },
  },
  {
    name: 'has params whose patterns can be met',
    applies: ({ params }) => params !== undefined,
    run: async ({ definition }) => {
      for (const [name, values] of Object.entries(exampleParams(definition))) {
        const { pattern = '' } = definition.params?.[name] ?? {};
        demand(values.length > 0, `no example is known that meets the pattern of ${name}, ${pattern}`);
      }
      return Object.keys(definition.params ?? {}).join(', ');
    },
  },
  {
    name: 'says where ids, rows and signs of paging are',
    run: async ({ definition }) => {
      const { id, items, paging, path, method, body } = definition;
      demand(/^\/[^\s?#]*$/.test(path), 'the path must begin with a slash and hold no query');
      demand(id.length > 0 && id.every((paths) => paths.length > 0), 'the id has no parts');
      demand(
        id.every((paths) => paths.every((one) => one.length > 0)),
        'a path of the id is empty',
      );
      demand(
        items.nested === undefined || !['offset', 'page', 'keyset'].includes(paging.kind),
        'nested rows cannot be walked by offset, page number or key',
      );
      demand(method === 'POST' || body === undefined, 'a GET has no body');
      if (paging.kind === 'cursor') demand(paging.next.length > 0, 'nothing says where the next cursor is');
      const own = ownParts(definition).length;
      demand(own > 0 || items.nested !== undefined, 'no part of the id is a row’s own');
      return `${id.length === 1 ? 'an id' : `an id of ${id.length} parts`} in ${items.path.join('.') || 'the list itself'}`;
    },
  },
  {
    name: 'has figures that go together',
    run: async ({ definition }) => {
      const { paging, windows, batches, fields, cap, parents } = definition;
      const size = pageSizeIn(paging);
      if (size !== null) {
        const { default: usual, max } = size;
        demand(usual >= 1 && usual <= max, `a page of ${usual} is not between 1 and ${max}`);
      }
      if (windows !== undefined) {
        const { days, historyDays, lookBackHours } = windows;
        demand(days > 0 && historyDays > 0 && lookBackHours >= 0, 'a window has no length');
        demand(lookBackHours < historyDays * 24, 'it looks back further than its history');
      }
      if (batches !== undefined) {
        demand(windows === undefined && parents === undefined, 'batches go with neither windows nor parents');
        demand(paging.kind === 'none', 'batches go with single answers only');
        demand(batches.size >= 1 && batches.over >= 0, 'a batch has no size');
      }
      if (fields !== undefined) {
        demand(
          fields.default.length <= fields.max,
          `${fields.default.length} fields are more than ${fields.max}`,
        );
        demand(new Set(fields.default).size === fields.default.length, 'a field is asked for twice');
      }
      demand(cap === undefined || cap > 0, 'the cap is no number of rows');
      return 'sizes, windows and fields are within their limits';
    },
  },
  {
    name: 'is on by default only where nothing speaks against it',
    run: async ({ definition }) => {
      const { sensitive, module, grade, params } = definition;
      if (definition.default !== true) return 'off by default';
      demand(sensitive !== true, 'it is sensitive');
      demand(module === undefined, `it has to be bought as ${module ?? ''}`);
      demand(grade === 'vendor' || grade === 'live', `its facts are ${grade}`);
      demand(params === undefined, 'it needs what only the user can say');
      return `on by default, ${grade}`;
    },
  },
  {
    name: 'takes its parents from a stream of the same connector',
    applies: ({ parents }) => parents !== undefined && 'stream' in parents,
    run: async ({ definition, connector, stream }) => {
      const { parents } = definition;
      const of = parents !== undefined && 'stream' in parents ? parents.stream : '';
      demand(Object.hasOwn(connector.streams, of), `there is no stream ${of}`);
      demand(of !== stream, 'it is its own parent');
      return of;
    },
  },
];

function usedIn({ path, query, body, batches, paging }: StreamDefinition): readonly string[] {
  const file = paging.kind === 'file' ? paging.path : '';
  return placeholdersIn([path, query, body, batches?.list, batches?.body, file]);
}

function knownTo({ params = {}, windows, parents, batches, paging }: StreamDefinition): readonly string[] {
  // A list of the user's is filled in one at a time, as the parent.
  const own = Object.keys(params).filter(
    (name) => !(parents && 'param' in parents && parents.param === name),
  );
  return [
    ...own,
    ...(windows === undefined ? [] : ['since', 'until']),
    ...(parents === undefined ? [] : ['parent']),
    ...(batches === undefined ? [] : ['ids']),
    ...(paging.kind === 'file' ? ['file'] : []),
  ];
}
