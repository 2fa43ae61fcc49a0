import { expect, it } from 'vitest';

import { tellSchema, type SchemaNews } from '../../../lib/on-call/tell-schema.ts';
import type { SchemaChange } from '../../../lib/sync/schema.ts';
import { OnCallWorld } from '../../support/on-call-world.ts';

function changed(field: string, more: Partial<SchemaChange> = {}): SchemaChange {
  return { kind: 'type', field, from: 'integer', to: 'text', at: 5, run: 'run-1', ...more };
}

async function told(changes: readonly SchemaChange[]) {
  const world = new OnCallWorld();
  const news: SchemaNews = { stream: 'mobaro/users', run: 'run-1', changes };
  expect(await tellSchema(news, world.deps)).toEqual(world.sent);
  return world.sent;
}

it('fields whose values do not fit any more are one ticket that names stream and fields', async () => {
  const sent = await told([
    changed('work.title'),
    changed('shift', { kind: 'added', from: null }),
    changed('salary', { from: 'decimal(10,2)', to: 'decimal(12,3)' }),
    changed('badge', { from: 'boolean', to: 'integer' }),
  ]);
  expect(sent.map(({ severity, subject, text }) => `${severity}\n${subject}\n${text}`))
    .toMatchInlineSnapshot(`
    [
      "ticket
    TICKET Pagekeeper: mobaro fields of another type: users
    Fields of mobaro/users have values of another type than before.

    Fields: work.title (integer, now text), badge (boolean, now integer)
    Data: Syncs go on, and every record is stored as it came.
    What to do: a table that was made of export or schema before may refuse them:
    its readers have to change a column.
    Its fields, and since when:
      npx pagekeeper schema mobaro/users --stack Pagekeeper

    Runbook: docs/runbook.md#schema-changed",
    ]
  `);
});

it('what readers take as it is is no ticket', async () => {
  expect(
    await told([changed('shift', { kind: 'added', from: null }), changed('old', { kind: 'gone', to: null })]),
  ).toEqual([]);
});

it('names some of very many fields', async () => {
  const [message] = await told(Array.from({ length: 25 }, (_, index) => changed(`field${String(index)}`)));
  expect(message?.text).toContain('field19 (integer, now text) and 5 more');
  expect(message?.text).not.toContain('field20');
});
