import { describe, expect, it } from 'vitest';

import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import { nothingRedacted } from '../../../lib/connectors/privacy.ts';
import { readAnswer, type Reading } from '../../../lib/sync/read-answer.ts';

const log: StreamDefinition = {
  about: 'an entry',
  method: 'GET',
  path: '/log',
  items: { path: [], lines: true },
  id: [[['id']]],
  paging: { kind: 'none' },
  grade: 'vendor',
};

function read(body: string, change: Partial<StreamDefinition> = {}, type = 'application/x-ndjson'): Reading {
  const asked = { definition: { ...log, ...change }, position: null, privacy: nothingRedacted };
  return readAnswer(
    { ...asked, fields: null, credentials: [] },
    { kind: 'answered', status: 200, headers: { 'content-type': type }, body, receivedAt: 0 },
  );
}

function idsOf(reading: Reading): readonly string[] {
  if (reading.kind !== 'page') throw new Error(reading.kind);
  return reading.page.rows.map(({ id }) => id);
}

describe('an answer of lines', () => {
  it.each([
    ['with a line break behind the last one', '{"id":1}\n{"id":2}\n'],
    ['without', '{"id":1}\n{"id":2}'],
    ['of Windows', '{"id":1}\r\n{"id":2}\r\n'],
    ['with blank ones', '\n{"id":1}\n \n{"id":2}\n\n'],
    ['with line breaks within texts, escaped', '{"id":1,"text":"a\\nb"}\n{"id":2}\n'],
  ])('has a row for each: %s', (_, body) => {
    for (const type of ['application/x-ndjson', 'application/json', 'text/html', '']) {
      const reading = read(body, {}, type);
      expect(idsOf(reading)).toEqual(['1', '2']);
      expect(reading).toMatchObject({ page: { partial: null, more: null } });
    }
  });

  it('keeps every digit', () => {
    expect(idsOf(read('{"id":9007199254740993}\n{"id":9007199254740992}\n'))).toEqual([
      '9007199254740993',
      '9007199254740992',
    ]);
  });

  it('without a line has no rows', () => {
    expect(idsOf(read(''))).toEqual([]);
    expect(idsOf(read('\n'))).toEqual([]);
  });

  it.each(['{"id":1}\n{"id":2', '{"id":1}\n{"id":2}\n{"na', '{"id":1}\n<html>'])(
    'of which the last one is none is malformed, for more may be missing: %j',
    (body) => {
      expect(read(body)).toMatchObject({
        ...{ kind: 'transient', failure: 'malformed' },
        reason: 'the last line of the answer breaks off, or is no JSON',
      });
    },
  );

  it('keeps what is good where one in the midst is none, and says so', () => {
    const reading = read('{"id":1}\n{"id"\n[]x\n{"id":4}\n');
    expect(idsOf(reading)).toEqual(['1', '4']);
    expect(reading).toMatchObject({
      page: { partial: 'the answer[1] is not an object (and 1 more cannot be read)' },
    });
  });

  it.each([
    ['<!doctype html><title>Log in</title>\n<p>', 'a page of HTML instead of JSON'],
    ['{"id":1', 'JSON that breaks off'],
    ['plain', 'plain text instead of JSON'],
  ])('that has none is malformed: %j', (body, reason) => {
    expect(read(body)).toMatchObject({ kind: 'transient', failure: 'malformed', reason });
  });

  it('of one that is an error is none', () => {
    const error = '{"error":"The request is invalid"}\n';
    for (const id of [log.id, 'hash'] as const) {
      expect(read(error, { id })).toMatchObject({
        ...{ kind: 'transient', failure: 'malformed' },
        reason: expect.stringContaining('The request is invalid') as string,
      });
    }
    expect(idsOf(read('{"id":1,"error":"in the log"}\n'))).toEqual(['1']);
  });

  it('holds rows in lists where the vendor groups them', () => {
    const nested = { list: 'entries', carry: 'place' };
    const body = '{"place":"a","entries":[{"id":1},{"id":2}]}\n{"place":"b","entries":[{"id":3}]}\n';
    expect(idsOf(read(body, { items: { ...log.items, nested } }))).toEqual(['1', '2', '3']);
  });
});
