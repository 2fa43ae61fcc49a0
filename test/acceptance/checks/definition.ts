import { checkDefinition } from '../../../infra/connectors/check-definition.ts';
import { idParts } from '../../../lib/connectors/connector.ts';
import { demand, type Check } from '../check.ts';
import { ownParts } from '../../../infra/simulators/model/model-row.ts';
import { exampleParams } from '../params.ts';

/** What can be seen of a definition without asking anything. */
export const definitionChecks: readonly Check[] = [
  {
    name: 'is what the language takes',
    run: async ({ connector }) => {
      const { faults } = checkDefinition(connector);
      demand(faults.length === 0, faults.join('; '));
      return 'no part of it is wrong, nor contradicts another';
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
    name: 'has an id of the rows’ own',
    run: async ({ definition }) => {
      const { items } = definition;
      const id = idParts(definition);
      const isHashed = definition.id === 'hash';
      const own = ownParts(definition).length;
      demand(isHashed || own > 0 || items.nested !== undefined, 'no part of the id is a row’s own');
      return `${isHashed ? 'a hash for an id' : id.length === 1 ? 'an id' : `an id of ${id.length} parts`} in ${items.path.join('.') || 'the list itself'}`;
    },
  },
];
