import { describe, expect, it } from 'vitest';

import type { Schemas } from '../../../lib/sync/ports.ts';
import { learn, type Schema, type SchemaChange } from '../../../lib/sync/schema.ts';
import { FieldCounter } from '../../../lib/tables/field-counts.ts';

function schemaOf(stream: string, run = 'run-1'): Schema {
  const counter = new FieldCounter();
  counter.add({
    id: '1',
    work: { title: 'made up' },
    'a.b': 1,
    pay: 1.25,
    is: true,
    at: '2026-11-30',
    tags: [],
  });
  const fields = { run, at: 1000, definition: 'd', gave: 'all', counts: counter.counted() } as const;
  return learn(undefined, stream, fields)!.schema;
}

/** What every memory of schemas must do. */
export function describeSchemas(name: string, make: () => Schemas): void {
  describe(`${name} as the memory of schemas`, () => {
    const change: SchemaChange = {
      ...{ at: 1000, run: 'run-1', kind: 'type' as const, field: 'pay' },
      ...{ from: 'integer', to: 'decimal(38, 2)' },
    };

    it('reads what was written, one revision higher', async () => {
      const schemas = make();
      expect(await schemas.read('mobaro/s-1')).toBeUndefined();
      const first = { ...schemaOf('mobaro/s-1'), changes: [change] };
      expect(await schemas.replace(first, [change])).toEqual({ ...first, revision: 1 });
      expect(await schemas.read('mobaro/s-1')).toEqual({ ...first, revision: 1 });
    });

    it('refuses a write by whoever has not seen the last one', async () => {
      const schemas = make();
      await schemas.replace(schemaOf('mobaro/s-2'), []);
      expect(await schemas.replace(schemaOf('mobaro/s-2', 'run-2'), [])).toBeUndefined();
      expect(await schemas.replace({ ...schemaOf('mobaro/s-2', 'run-2'), revision: 1 }, [])).toMatchObject({
        ...{ run: 'run-2', revision: 2 },
      });
    });

    it('reads those of several streams', async () => {
      const schemas = make();
      await schemas.replace(schemaOf('mobaro/s-3'), []);
      const found = await schemas.readAll(['mobaro/s-3', 'mobaro/never']);
      expect([...found.keys()]).toEqual(['mobaro/s-3']);
      expect(found.get('mobaro/s-3')?.fields).toEqual(schemaOf('mobaro/s-3').fields);
    });
  });
}
