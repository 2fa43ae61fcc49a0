import { describe, expect, it } from 'vitest';

import { nothingRedacted } from '../../../lib/connectors/privacy.ts';
import type { Position } from '../../../lib/paging/position.ts';
import type { Unreadable, VendorAnswer } from '../../../lib/sync/ports.ts';
import { readAnswer, readAnswerFor, type Reading } from '../../../lib/sync/read-answer.ts';
import { inMidRun } from '../../support/claimed-checkpoint.ts';
import { madeUp } from '../../support/made-up-vendor.ts';
import { streamNamed } from '../../support/streams.ts';
import { noFields } from '../../../lib/tables/field-counts.ts';

const receivedAt = Date.parse('2026-11-22T03:00:00Z');
const { definition } = streamNamed('mobaro/users');
const asked = {
  definition,
  position: null,
  privacy: nothingRedacted,
  fields: null,
  credentials: ['made-up-key'],
};

/** What the vendor wants, and what the reading makes of it. */
const wait = { 'retry-after': '30' };

function read(
  status: number,
  body = '',
  headers: Readonly<Record<string, string>> = wait,
  position: Position | null = null,
): Reading {
  const answer: VendorAnswer = { kind: 'answered', status, headers, body, receivedAt };
  return readAnswer({ ...asked, position }, answer);
}

const rows = JSON.stringify({ items: [{ id: 'a' }, { id: 'b' }], total: 9 });

describe('an answer with rows', () => {
  it.each([200, 201, 299])('is a page, with status %i', (status) => {
    expect(read(status, rows, {})).toMatchObject({
      kind: 'page',
      status,
      page: { kind: 'page', rows: [{ id: 'a' }, { id: 'b' }], total: 9 },
      closeFor: null,
    });
  });

  it('may ask for a wait all the same', () => {
    expect(read(200, rows)).toMatchObject({ kind: 'page', closeFor: 30_000 });
  });
});

describe('a wait that surprises', () => {
  it('is told beside the rows', () => {
    expect(read(200, rows, { 'retry-after': '90000' })).toMatchObject({
      ...{ kind: 'page', closeFor: 90_000_000 },
      remark: 'the vendor asks for a wait of 90,000 s',
    });
    expect(read(200, rows)).not.toHaveProperty('remark');
  });
});

describe('a number of all rows', () => {
  const all = { ...asked, definition: { ...definition, paging: { kind: 'none' } } } as const;
  const answer: VendorAnswer = { kind: 'answered', status: 200, headers: {}, body: rows, receivedAt };
  const part = (its: Extract<Position, { kind: 'part' }>['part']): Position => {
    return { kind: 'part', part: its, walk: null, from: 0 };
  };

  it.each([
    ['a list', null, 'the vendor counts 9 and gave 2'],
    ['a slice', part({ kind: 'slice', parent: null, window: null }), 'the vendor counts 9 and gave 2'],
    ['rows that were named', part({ kind: 'batch', index: 0, of: 2 }), null],
  ])('says that more lies behind %s, or counts something else', (_, position, more) => {
    expect(readAnswer({ ...all, position }, answer)).toMatchObject({ page: { more } });
  });
});

describe('an offset that is refused', () => {
  const behind: Position = { kind: 'offset', offset: 40, rows: 20 };

  it.each([
    [404, 'nothing here'],
    [400, 'no deeper'],
  ])('is told in the words of the vendor: %i', (status, refused) => {
    expect(read(status, '{"message":"no"}', {}, behind)).toEqual({
      ...{ kind: 'refused offset', refused, status },
      ...{ reason: `HTTP ${status}: no`, closeFor: null },
    });
  });
});

describe('the answer to the page of a checkpoint', () => {
  const stream = streamNamed('made-up/people', {
    connector: madeUp,
    settings: { fields: ['name', 'pay'], omit: ['name'], mask: ['pay'] },
  });
  const secret = { version: '1', fields: { apiKey: 'made-up-key', maskKey: 'mask' } };
  const readFor = (status: number, body: object, part: Partial<typeof inMidRun> = {}): Reading =>
    readAnswerFor(
      {
        kind: 'answered',
        status,
        headers: { 'x-ratelimit-remaining': '0' },
        body: JSON.stringify(body),
        receivedAt,
      },
      { ...inMidRun, position: null, attempt: 1, ...part },
      { stream, secret },
    );

  it('is read as the settings of its stream want it', () => {
    const reading = readFor(200, { rows: [{ id: '1', name: 'N', pay: 1 }] });
    expect(reading).toMatchObject({ kind: 'page', page: { absent: [] } });
    expect(JSON.stringify(reading)).toMatch(/masked:[\w-]{22}/);
    expect(JSON.stringify(reading)).not.toContain('N"');
    expect(readFor(400, { message: 'the key made-up-key' })).toMatchObject({ reason: 'HTTP 400: the key …' });
  });

  it('has no fields where the ids alone were requested', () => {
    const ids: Position = { kind: 'part', part: { kind: 'ids' }, walk: null, from: 0 };
    const batch: Position = { kind: 'part', part: { kind: 'batch', index: 0, of: 1 }, walk: null, from: 0 };
    const body = { rows: [{ id: '1' }] };
    expect(readFor(200, body, { position: ids })).toMatchObject({ page: { absent: null } });
    expect(readFor(200, body, { position: batch })).toMatchObject({ page: { absent: ['name', 'pay'] } });
    expect(readFor(200, body)).toMatchObject({ page: { absent: ['name', 'pay'] } });
  });

  it('is the same refusal once more with the second try alone', () => {
    expect(readFor(403, {}, { attempt: 1, lastStatus: 403 }).kind).toBe('transient');
    expect(readFor(403, {}, { attempt: 2, lastStatus: 403 }).kind).toBe('final');
  });
});

describe('an answer with an error in it', () => {
  const errors: readonly object[] = [
    { success: false, message: 'Internal server error' },
    { ok: false, error: { message: 'Internal server error' } },
    { error: 'Internal server error' },
    { errors: [{ message: 'Internal server error' }] },
    { status: 'error', message: 'Internal server error' },
    { isSuccess: false, Message: 'Internal server error' },
    { fault: { faultstring: 'Internal server error' } },
  ];

  it.each(errors)('is no empty list: %j', (error) => {
    expect(read(200, JSON.stringify({ items: [], total: 0, ...error }))).toMatchObject({
      kind: 'transient',
      failure: 'malformed',
      reason: 'the answer says that something went wrong: Internal server error',
    });
  });

  it.each(errors)('gives its rows, and is partial: %j', (error) => {
    expect(read(200, JSON.stringify({ items: [{ id: 'a' }], total: 1, ...error }))).toMatchObject({
      kind: 'page',
      page: {
        rows: [{ id: 'a' }],
        partial: 'the answer says that something went wrong: Internal server error',
      },
    });
  });

  it('may have no words for it', () => {
    const reason = 'the answer says that something went wrong';
    expect(read(200, JSON.stringify({ items: [], success: false }))).toMatchObject({ reason });
  });

  it.each([{ error: null }, { errors: [] }, { errors: {} }, { error: '' }, { success: true }, { ok: true }])(
    'is an ordinary one where nothing went wrong: %j',
    (beside) => {
      const page = { rows: [], partial: null };
      expect(read(200, JSON.stringify({ items: [], total: 0, ...beside }))).toMatchObject({ page });
    },
  );
});

describe('an answer without content', () => {
  const offset: Position = { kind: 'offset', offset: 20, anchor: 'b' };
  const cursor: Position = { kind: 'cursor', cursor: 'c' };

  it.each([204, 304])('is nothing at the beginning, with status %i', (status) => {
    expect(read(status, '', wait, null)).toEqual({ kind: 'nothing', status, closeFor: 30_000 });
  });

  it('is a page without rows in the midst of a list, with status 204', () => {
    expect(read(204, '', wait, { ...offset, total: 50 })).toEqual({
      kind: 'page',
      status: 204,
      page: {
        ...{ kind: 'page', rows: [], entries: 0, total: null, cursor: null, absent: null },
        ...{ partial: null, more: null, fieldCounts: noFields, validators: null },
      },
      closeFor: 30_000,
    });
  });

  it.each([
    [304, offset],
    [304, cursor],
    [204, cursor],
  ])('is no end where more was announced, with status %i at %j', (status, position) => {
    expect(read(status, '', wait, position)).toEqual({
      kind: 'transient',
      failure: 'malformed',
      status,
      reason: 'no content, where more rows were announced',
      namedWait: 30_000,
    });
  });
});

describe('a status that may be better next time', () => {
  it.each([
    [429, 'throttled'],
    [408, 'unavailable'],
    [425, 'unavailable'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [599, 'unavailable'],
  ])('%i is %s, for as long as the vendor says', (status, failure) => {
    expect(read(status, '{"error":"busy"}')).toEqual({
      kind: 'transient',
      failure,
      status,
      reason: `HTTP ${status}: busy`,
      namedWait: 30_000,
    });
    expect(read(status, '', {})).toMatchObject({ failure, reason: `HTTP ${status}`, namedWait: null });
  });
});

describe('no content behind a row that nothing overlaps with', () => {
  const blind = { kind: 'offset', offset: 1, blind: true } as const;

  it('is no page: it could be an answer gone wrong as well as the end of the list', () => {
    expect(read(204, '', wait, blind)).toEqual({ kind: 'nothing', status: 204, closeFor: 30_000 });
    expect(read(204, '', wait, { kind: 'offset', offset: 1 })).toMatchObject({ kind: 'page' });
    // As many have come as the vendor counts, so that nothing more is what was to be expected.
    expect(read(204, '', wait, { ...blind, reached: true })).toMatchObject({ kind: 'page' });
    const inSteps: Position = {
      ...{ kind: 'steps', offset: 20, step: 20, stage: 'walking', walked: 20 },
      ...{ page: '', rows: 20, fullest: 20 },
    };
    expect(read(204, '', wait, inSteps)).toEqual({ kind: 'nothing', status: 204, closeFor: 30_000 });
    expect(read(304, '', wait, blind)).toMatchObject({ kind: 'transient', failure: 'malformed' });
  });
});

describe('a status that would be the same next time', () => {
  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'missing'],
    [400, 'rejected'],
    [402, 'rejected'],
    [410, 'rejected'],
    [422, 'rejected'],
    [428, 'rejected'],
    [499, 'rejected'],
    [199, 'rejected'],
    [300, 'rejected'],
  ])('%i is %s', (status, outcome) => {
    expect(read(status, '{"message":"no"}', {})).toEqual({
      kind: 'final',
      outcome,
      status,
      reason: `HTTP ${status}: no`,
      closeFor: null,
    });
  });

  it.each([
    [401, 'unauthorized'],
    [404, 'missing'],
    [300, 'rejected'],
  ])('%i is %s also where it names a wait', (status, outcome) => {
    for (const headers of [wait, { ...wait, 'x-ratelimit-remaining': '0' }]) {
      expect(read(status, '', headers)).toMatchObject({ kind: 'final', outcome, closeFor: 30_000 });
    }
  });

  it.each([
    ['{"errorMessage":"No permissions to position budget"}', 'forbidden'],
    ['{"error":"This user has no Permission for it"}', 'forbidden'],
    ['{"error":"permissionless"}', 'unauthorized'],
    ['', 'unauthorized'],
  ])('is about one permission where a 401 says so: %s', (body, outcome) => {
    expect(read(401, body)).toMatchObject({ kind: 'final', outcome, status: 401 });
  });

  it('never repeats the credentials, even if the vendor does', () => {
    expect(read(401, '{"message":"key made-up-key is bad"}')).toMatchObject({
      reason: 'HTTP 401: key … is bad',
    });
  });

  it('says so where the vendor sends a page of HTML', () => {
    const html = { 'content-type': 'text/html' };
    expect(read(404, 'not here', html)).toMatchObject({ reason: 'HTTP 404: a page of HTML' });
  });
});

describe('a 4xx that speaks of a limit', () => {
  const usedUp = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' };
  const after = (
    lastStatus: number | null,
    status: number,
    headers: Readonly<Record<string, string>>,
  ): Reading =>
    readAnswer({ ...asked, lastStatus }, { kind: 'answered', status, headers, body: '', receivedAt });

  it.each([400, 402, 403, 409, 410, 420, 422, 499])(
    '%i is one where it asks to come later, each time',
    (status) => {
      for (const lastStatus of [null, status]) {
        expect(after(lastStatus, status, { ...wait, ...usedUp })).toMatchObject({
          kind: 'transient',
          failure: 'throttled',
          status,
          namedWait: 60_000,
        });
      }
    },
  );

  it.each([
    usedUp,
    { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '60' },
    { ratelimit: '"default";r=0;t=60' },
    { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset-after': '60' },
  ])('may be one where nothing is left, and is what it says the second time: %j', (headers) => {
    const said = headers as Readonly<Record<string, string>>;
    for (const lastStatus of [null, 200, 429, 400]) {
      expect(after(lastStatus, 403, said)).toMatchObject({ failure: 'throttled', namedWait: 60_000 });
    }
    expect(after(403, 403, said)).toMatchObject({ kind: 'final', outcome: 'forbidden', closeFor: 60_000 });
  });

  it('is none where something is left, or nothing is said of it', () => {
    for (const headers of [{}, { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '60' }]) {
      expect(after(null, 403, headers)).toMatchObject({
        kind: 'final',
        outcome: 'forbidden',
        closeFor: null,
      });
    }
  });
});

describe('a wait that is not believed', () => {
  it.each([
    [429, '700000', '700,000 s, which is not believed'],
    [503, 'soon', 'not understood'],
    [403, '700000', '700,000 s'],
    [404, '700000', '700,000 s'],
  ])('is told in the reason of a %i', (status, retryAfter, words) => {
    const { reason } = read(status, '{"error":"no"}', { 'retry-after': retryAfter }) as { reason: string };
    expect(reason).toMatch(new RegExp(`^HTTP ${status}: no; the vendor asks for a wait .*${words}`));
  });
});

describe('a body that cannot be understood', () => {
  it.each([
    ['<!doctype html><p>hello</p>', wait, 'a page of HTML instead of JSON'],
    ['<p>hello', { ...wait, 'content-type': 'text/html' }, 'a page of HTML instead of JSON'],
    ['', wait, 'an empty body instead of JSON'],
    [' \n', wait, 'an empty body instead of JSON'],
    ['{"items":[{"id":"a"', wait, 'JSON that breaks off'],
    ['{"rows":[]}', wait, 'the answer has no array at items'],
    ['{"error":"Rate limit exceeded"}', wait, 'the answer has no array at items: Rate limit exceeded'],
    [
      '{"success":false,"message":"key made-up-key is bad"}',
      wait,
      'the answer has no array at items: key … is bad',
    ],
  ])('may be better next time: %j', (body, headers, reason) => {
    expect(read(200, body, headers)).toEqual({
      kind: 'transient',
      failure: 'malformed',
      status: 200,
      reason,
      namedWait: 30_000,
    });
  });

  it('would be the same next time where a row cannot be stored', () => {
    expect(read(200, '{"items":[{"name":"no id"}]}')).toEqual({
      kind: 'final',
      outcome: 'rejected',
      status: 200,
      reason: 'items[0] has no id (looked for id)',
      closeFor: 30_000,
    });
  });
});

describe('the type of an answer', () => {
  it.each([
    'text/html; charset=utf-8',
    'text/plain',
    'application/octet-stream',
    'application/xml',
    'nonsense',
    undefined,
  ])('is a hint only: good JSON is read under %s', (type) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    expect(read(200, rows, headers)).toMatchObject({
      kind: 'page',
      page: { rows: [{ id: 'a' }, { id: 'b' }] },
    });
    expect(read(403, '{"message":"no"}', headers)).toMatchObject({ reason: 'HTTP 403: no' });
  });

  it('does not make JSON of HTML', () => {
    const headers = { 'content-type': 'application/json' };
    expect(read(200, '<!DOCTYPE html><p>hello</p>', headers)).toMatchObject({
      ...{ kind: 'transient', failure: 'malformed' },
      reason: 'a page of HTML instead of JSON',
    });
    expect(read(502, '<!DOCTYPE html><p>hello</p>', headers)).toMatchObject({
      reason: 'HTTP 502: a page of HTML',
    });
  });
});

describe('an answer whose body could not be taken', () => {
  const unread = (status: number, unreadable: Unreadable): Reading =>
    readAnswer(asked, { kind: 'answered', status, headers: wait, body: '', unreadable, receivedAt });

  it('is malformed, and says why', () => {
    expect(
      unread(200, { kind: 'undecodable', reason: 'an answer with bytes that are not valid utf-8' }),
    ).toEqual({
      ...{ kind: 'transient', failure: 'malformed', status: 200, namedWait: 30_000 },
      reason: 'an answer with bytes that are not valid utf-8',
    });
  });

  it('is malformed with its size where that was the reason', () => {
    const cap = 32 * 1024 * 1024;
    expect(unread(200, { kind: 'too long', bytes: cap + 1, cap })).toEqual({
      ...{ kind: 'transient', failure: 'malformed', status: 200, namedWait: 30_000, isTooLong: true },
      reason: 'longer than maxPageMb (32 MB): 33,554,433 bytes or more',
    });
  });
});

describe('a request without an answer', () => {
  it.each(['time-out', 'network'] as const)('may have one next time: %s', (failure) => {
    const answer: VendorAnswer = { kind: 'unanswered', failure, reason: 'no answer' };
    expect(readAnswer(asked, answer)).toEqual({
      kind: 'transient',
      failure: 'unavailable',
      status: null,
      reason: 'no answer',
      namedWait: null,
    });
  });

  it('that was sent elsewhere is not followed', () => {
    const answer: VendorAnswer = {
      kind: 'redirected',
      status: 302,
      reason: 'sent elsewhere',
    };
    expect(readAnswer(asked, answer)).toEqual({
      kind: 'final',
      outcome: 'rejected',
      status: 302,
      reason: 'sent elsewhere',
      closeFor: null,
    });
  });
});

describe('an answer about a file that the vendor writes', () => {
  const { definition: report } = streamNamed('made-up/report', { connector: madeUp });
  const file: Position = { kind: 'file', name: 'f', since: receivedAt };
  const readFile = (
    status: number,
    headers: Readonly<Record<string, string>>,
    position: Position | null = null,
  ): Reading =>
    readAnswer(
      { ...asked, definition: report, position },
      { kind: 'answered', status, headers, body: '', receivedAt },
    );

  it.each([
    ['https://files.example/v1/download/report%201', 'report 1'],
    ['/v1/download/a', 'a'],
    ['a?signature=x', 'a'],
  ])('names it by the last segment of %s', (location, name) => {
    expect(readFile(202, { ...wait, location })).toEqual({
      ...{ kind: 'started', status: 202 },
      ...{ name, closeFor: 30_000 },
    });
  });

  it.each(['https://files.example/v1/', 'https://files.example/%ff', 'http://'])(
    'names none by %s',
    (location) => {
      expect(readFile(202, { location }).kind).not.toBe('started');
    },
  );

  it('names none without a place, nor where it failed, nor once it is waited for', () => {
    expect(readFile(202, {}).kind).not.toBe('started');
    expect(readFile(300, { location: '/a' }).kind).toBe('final');
    expect(readFile(200, { location: '/a' }, file).kind).toBe('transient');
    expect(read(202, '', { location: '/a' }).kind).not.toBe('started');
  });

  it('may say that it is not there yet, which 304 does not', () => {
    expect(readFile(204, wait, file)).toEqual({ kind: 'not yet', status: 204, closeFor: 30_000 });
    expect(readFile(304, wait, file).kind).toBe('transient');
    expect(readFile(204, wait).kind).toBe('nothing');
  });
});

describe('an answer for one where nothing overlaps with what was seen', () => {
  const blind: Position = { kind: 'offset', offset: 20, anchor: 'b', blind: true };

  it('is nothing with status 204, and out of place with 304', () => {
    expect(read(204, '', wait, blind)).toEqual({ kind: 'nothing', status: 204, closeFor: 30_000 });
    expect(read(304, '', wait, blind)).toMatchObject({ kind: 'transient', failure: 'malformed' });
  });
});

describe('an answer with the rows of a parent', () => {
  const { definition: tables } = streamNamed('made-up/tables', { connector: madeUp });
  const withParent = { ...tables, parents: { stream: 'people', as: 'person' } };
  const body = JSON.stringify({ rows: [{ id: 'a' }] });

  it('has the parent in each of them', () => {
    const part = { kind: 'slice', parent: 'p1', window: null } as const;
    const position: Position = { kind: 'part', part, walk: null, from: 0 };
    const answer: VendorAnswer = { kind: 'answered', status: 200, headers: {}, body, receivedAt };
    expect(readAnswer({ ...asked, definition: withParent, position }, answer)).toMatchObject({
      page: { rows: [{ id: 'p1/a' }] },
    });
    const ids: Position = { kind: 'part', part: { kind: 'ids' }, walk: null, from: 0 };
    expect(readAnswer({ ...asked, definition: withParent, position: ids }, answer).kind).toBe('final');
  });
});
