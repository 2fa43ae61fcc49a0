import { describe, expect, it } from 'vitest';

import { typeInWords } from '../../../lib/tables/column-type.ts';
import type { Column } from '../../../lib/tables/columns.ts';
import { jsonSchemaOf, postgresOf, typeScriptOf } from '../../../lib/tables/schema.ts';

const columns: readonly Column[] = [
  { name: '_id', type: { kind: 'text' }, filled: 3 },
  { name: 'work."site"', type: { kind: 'mixed' }, filled: 2 },
  { name: 'badge', type: { kind: 'integer' }, filled: 3 },
  { name: 'pay', type: { kind: 'decimal', scale: 2 }, filled: 1 },
  { name: 'active', type: { kind: 'boolean' }, filled: 3 },
  { name: 'start', type: { kind: 'date' }, filled: 3 },
  { name: 'at', type: { kind: 'timestamp' }, filled: 0 },
  { name: 'tags', type: { kind: 'json' }, filled: null },
];

describe('the schema of a table', () => {
  it('is one of JSON', () => {
    expect(jsonSchemaOf('bob/people', columns, 3)).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'bob/people',
      type: 'object',
      properties: {
        _id: { type: 'string' },
        'work."site"': {},
        badge: { type: 'integer' },
        pay: { type: 'number' },
        active: { type: 'boolean' },
        start: { type: 'string', format: 'date' },
        at: { type: 'string', format: 'date-time' },
        tags: { type: ['array', 'object'] },
      },
      required: ['_id', 'badge', 'active', 'start'],
    });
  });

  it('requires nothing of no row', () => {
    expect(jsonSchemaOf('x', columns, 0)).toMatchObject({ required: [] });
  });

  it('is a type of TypeScript', () => {
    expect(typeScriptOf('bob_time_off', columns, 3)).toBe(
      [
        'export interface BobTimeOff {',
        '  readonly "_id": string;',
        String.raw`  readonly "work.\"site\""?: unknown;`,
        '  readonly "badge": number;',
        '  readonly "pay"?: number;',
        '  readonly "active": boolean;',
        '  readonly "start": string; // 2026-11-30',
        '  readonly "at"?: string; // 2026-11-30T08:00:00Z',
        '  readonly "tags"?: unknown;',
        '}',
        '',
      ].join('\n'),
    );
  });

  it('is a table of Postgres', () => {
    expect(postgresOf('bob_people', columns)).toBe(
      [
        'create table "bob_people" (',
        '  "_id" text,',
        '  "work.""site""" text,',
        '  "badge" bigint,',
        '  "pay" numeric(38, 2),',
        '  "active" boolean,',
        '  "start" date,',
        '  "at" timestamptz,',
        '  "tags" jsonb,',
        '  primary key ("_id")',
        ');',
        '',
      ].join('\n'),
    );
  });

  it('is in words', () => {
    expect(columns.map(({ type }) => typeInWords(type))).toEqual([
      ...['text', 'mixed', 'integer', 'decimal(38, 2)', 'boolean', 'date', 'timestamp', 'json'],
    ]);
  });
});
