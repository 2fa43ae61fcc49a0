import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { changeOf, type Change, type RecordImage } from '../../../lib/changes/change.ts';
import { DamagedLineError, lineOf, parseLine } from '../../../lib/changes/line.ts';

const alive: RecordImage = {
  stream: 'mobaro/users',
  id: 'users/1-A',
  hash: 'h1',
  json: '{"id":9007199254740993,"share":1.10}',
  changedAt: '2026-11-30T10:59:58.000Z',
  deletedAt: null,
  run: 'run-1',
};
const changed: RecordImage = { ...alive, hash: 'h2', json: '{"id":1}', run: 'run-2' };
const deleted: RecordImage = { ...alive, deletedAt: '2026-11-30T10:00:00.000Z', run: 'run-3' };
const erased: RecordImage = { ...deleted, hash: null, json: null };

function change(before: RecordImage | null, after: RecordImage | null, keepsBefore = false): Change | null {
  return changeOf({ before, after, sequence: '100', writtenAt: Date.UTC(2026, 10, 30, 11) }, keepsBefore);
}

describe('what a write is to readers of the log', () => {
  it.each<[string, RecordImage | null, RecordImage | null, string | null]>([
    ['a record that was not there', null, alive, 'created'],
    ['other content', alive, changed, 'changed'],
    ['the same content, encoded anew', alive, { ...alive, run: 'run-9' }, null],
    ['a mark that it is not given any more', alive, deleted, 'deleted'],
    ['a mark that is taken off', deleted, alive, 'restored'],
    ['a mark that is taken off, with other content', deleted, changed, 'restored'],
    ['a mark that is taken off what was erased', erased, alive, 'restored'],
    ['content that goes', deleted, erased, 'erased'],
    ['an item that goes with its content', alive, null, 'erased'],
    ['an item that goes with its mark and its content', deleted, null, 'erased'],
    ['an item that goes without content', erased, null, null],
    ['an empty tombstone that is written again', erased, { ...erased, run: 'run-9' }, null],
    ['a tombstone that comes as one', null, deleted, 'deleted'],
    ['an empty tombstone that comes', null, erased, null],
  ])('%s', (_, before, after, op) => {
    expect(change(before, after)?.op ?? null).toBe(op);
  });

  it('says when, by which run and with what content', () => {
    expect(change(alive, changed, true)).toEqual({
      stream: 'mobaro/users',
      id: 'users/1-A',
      op: 'changed',
      at: '2026-11-30T10:59:58.000Z',
      run: 'run-2',
      sequence: '0000000000000000000000000000000000000100',
      json: '{"id":1}',
      before: alive.json,
    });
    expect(change(alive, changed)?.before).toBeNull();
  });

  it('says of what has moved from another id that it came when it was written', () => {
    const moved = { ...alive, changedAt: '2026-11-03T09:00:00.000Z' };
    expect(change(null, moved)?.at).toBe('2026-11-30T11:00:00.000Z');
    const late = { ...alive, changedAt: '2026-11-30T10:00:00.000Z' };
    expect(change(null, late)?.at).toBe('2026-11-30T10:00:00.000Z');
  });

  it('says of what is erased that it is, and nothing of what it was', () => {
    expect(change(deleted, erased, true)).toMatchObject({
      at: '2026-11-30T11:00:00.000Z',
      run: null,
      json: null,
      before: null,
    });
  });

  it('is never silent about a state that readers can tell from the one before', () => {
    const image = fc.option(
      fc.record({
        hash: fc.option(fc.constantFrom('h1', 'h2')),
        deletedAt: fc.option(fc.constantFrom('2026-11-30T10:00:00.000Z')),
      }),
    );
    const visible = (it: { hash: string | null; deletedAt: string | null } | null): unknown =>
      it?.hash == null ? 'nothing' : [it.hash, it.deletedAt];
    fc.assert(
      fc.property(image, image, (before, after) => {
        fc.pre(before !== null || after !== null);
        const full = (it: typeof before): RecordImage | null =>
          it && { ...alive, ...it, json: it.hash === null ? null : '{}' };
        const line = change(full(before), full(after));
        expect(line === null).toBe(JSON.stringify(visible(before)) === JSON.stringify(visible(after)));
      }),
    );
  });
});

describe('a line of the log', () => {
  it('holds the JSON as it is stored, every digit of it', () => {
    const line = lineOf(change(null, alive)!);
    expect(line).toContain('"data":{"id":9007199254740993,"share":1.10}');
    expect(line).not.toContain('before');
    expect(parseLine(line)).toEqual(change(null, alive));
    expect(parseLine(lineOf(change(alive, changed, true)!))).toEqual(change(alive, changed, true));
    expect(parseLine(lineOf(change(alive, null)!))).toEqual(change(alive, null));
  });

  it.each(['', '{', '{"stream":"SALARY 9"}', '[]', '{"stream":"a","id":"b","op":"other","data":1}'])(
    'that is none is an error without its text: %s',
    (text) => {
      expect(() => parseLine(text)).toThrow(DamagedLineError);
      expect(() => parseLine(text)).toThrow(/^a line of the change log cannot be read$/);
    },
  );
});
