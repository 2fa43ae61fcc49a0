import { describe, expect, it } from 'vitest';
import fc from 'fast-check';

import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import { Scrubber } from '../../../lib/operations/scrub-answer.ts';

const definition: StreamDefinition = {
  about: 'a user',
  method: 'GET',
  path: '/users',
  items: { path: ['items'] },
  id: [[['id']]],
  paging: { kind: 'none' },
  grade: 'unverified',
};

function scrubber(change: Partial<StreamDefinition> = {}, key = 'made-up'): Scrubber {
  return new Scrubber({
    definition: { ...definition, ...change },
    baseUrl: 'https://api.acme.example/v1',
    key: Buffer.from(key),
  });
}

function scrubbed(body: unknown, by = scrubber()): unknown {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = { kind: 'answered', status: 200, headers: {}, body: text, receivedAt: 0 } as const;
  return JSON.parse(by.answer(answer).body);
}

describe('a scrubbed answer', () => {
  it('has other values of the same shapes, types and lengths', () => {
    const row = {
      id: 9_001,
      uuid: '0b5c5c3e-7d52-4a35-9d51-2f1a6a3b6a01',
      email: 'Testa.Madeupson@example.com',
      born: '1990-02-03',
      at: '2026-01-02T03:04:05+01:00',
      pay: 1234.5,
      isRich: true,
      none: null,
      empty: '',
      list: ['Ada', 17],
    };
    const { items } = scrubbed({ items: [row] }) as { items: readonly Record<string, unknown>[] };
    const [found = {}] = items;
    expect(found).toMatchObject({
      id: expect.toSatisfy((id: number) => id !== 9001 && id > 999 && id < 10_000),
      uuid: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      email: expect.stringMatching(/^[A-Z][a-z]{4}\.[A-Z][a-z]{8}@[a-z]{7}\.[a-z]{3}$/),
      born: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT03:04:05\+01:00$/),
      pay: expect.toSatisfy((pay: number) => /^\d{4}\.\d$/.test(pay.toFixed(1))),
      isRich: false,
      none: null,
      empty: '',
      list: [expect.stringMatching(/^[A-Z][a-z]{2}$/), expect.toSatisfy((n: number) => n > 9 && n < 100)],
    });
    expect(Object.keys(found)).toEqual(Object.keys(row));
    expect(JSON.stringify(found)).not.toMatch(/Testa|Madeupson|9001|1990-02-03|0b5c|1234|Ada/);
  });

  it('keeps what pages: numbers and flags outside of lists, and whether there is a cursor', () => {
    expect(scrubbed({ items: [], total: 45, meta: { page: 2, has_more: true, next: null } })).toEqual({
      items: [],
      total: 45,
      meta: { page: 2, has_more: true, next: null },
    });
    const { next } = scrubbed({ items: [], next: 'abc=' }) as { next: string };
    expect(next).toMatch(/^[a-z]{3}=$/);
  });

  it('replaces numbers in every list, also where the definition has none', () => {
    const { people } = scrubbed({ people: [{ pay: 987_654 }] }) as { people: readonly { pay: number }[] };
    expect(people[0]?.pay).not.toBe(987_654);
  });

  it('keeps every digit of a number in its place, also beyond doubles', () => {
    const answer = { kind: 'answered', status: 200, headers: {}, receivedAt: 0 } as const;
    const { body } = scrubber().answer({
      ...answer,
      body: '{"items":[{"id":9007199254740993123,"a":-0.10}]}',
    });
    expect(body).toMatch(/^\{"items":\[\{"id":[1-9]\d{18},"a":-0\.\d\d\}\]\}$/);
    expect(body).not.toContain('9007199254740993123');
  });

  it('gives one value the same one everywhere, as text or number, and two of them two', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: 300 }), { maxLength: 300 }), (ids) => {
        const by = scrubber();
        const { items } = scrubbed({ items: ids.map((id) => ({ id, boss: String(id) })) }, by) as {
          items: readonly { id: number; boss: string }[];
        };
        expect(new Set(items.map(({ id }) => id)).size).toBe(ids.length);
        for (const { id, boss } of items) expect(boss).toBe(String(id));
        expect(
          (
            scrubbed({ items: ids.map((id) => ({ id })) }, by) as { items: readonly { id: number }[] }
          ).items.map(({ id }) => id),
        ).toEqual(items.map(({ id }) => id));
      }),
    );
  });

  it('keeps the order of times', () => {
    const { items } = scrubbed({ items: [{ at: '2026-01-31' }, { at: '2026-02-01T00:00:00Z' }] }) as {
      items: readonly { at: string }[];
    };
    const [first, second] = items.map(({ at }) => Date.parse(at));
    expect((second ?? 0) - (first ?? 0)).toBe(86_400_000);
  });

  it('replaces keys that are values', () => {
    const keyed = scrubber({ items: { path: ['items'], keyed: 'id' } });
    expect(
      Object.keys((scrubbed({ items: { Testa: { a: 1 } } }, keyed) as { items: object }).items),
    ).not.toContain('Testa');
    const text = JSON.stringify(scrubbed({ errors: { '1234567890abcdef': 1, 'testa@example.com': 2 } }));
    expect(text).not.toMatch(/1234567890abcdef|testa/);
  });

  it('keeps the vendor’s address in a URL, and nothing that it carries', () => {
    const { next, photo } = scrubbed({
      next: 'https://api.acme.example/v1/users?page=17&key=secret',
      photo: 'https://cdn.example/testa.png',
    }) as { next: string; photo: string };
    expect(next).toMatch(/^https:\/\/api\.acme\.example\/v1\/users\?page=\d\d&key=[a-z]{6}$/);
    expect(next).not.toMatch(/secret|page=17/);
    expect(photo).toMatch(/^https:\/\/[a-z]{3}\.[a-z]{7}\/[a-z]{5}\.[a-z]{3}$/);
  });

  it('keeps of the headers what pages and limits, and no cookie', () => {
    const headers = {
      'content-type': 'application/json',
      'x-ratelimit-remaining': '3',
      'retry-after': '7',
      link: '<https://api.acme.example/v1/users?cursor=abc>; rel="next"',
      'set-cookie': 'session=secret',
      'x-user': 'Testa',
    };
    const kept = scrubber().answer({
      kind: 'answered',
      status: 200,
      headers,
      body: '',
      receivedAt: 0,
    }).headers;
    expect(kept).toEqual({
      'content-type': 'application/json',
      'x-ratelimit-remaining': '3',
      'retry-after': '7',
      link: expect.stringMatching(/^<https:\/\/api\.acme\.example\/v1\/users\?cursor=[a-z]{3}>; rel="next"$/),
    });
  });

  it('replaces what is no JSON, too, and takes lines of it for rows', () => {
    const answer = { kind: 'answered', status: 500, headers: {}, receivedAt: 0 } as const;
    expect(scrubber().answer({ ...answer, body: '<b>Testa 17</b>' }).body).toMatch(
      /^<[a-z]>[A-Z][a-z]{4} \d\d<\/[a-z]>$/,
    );
    expect(scrubber().answer({ ...answer, body: '{"id":1234}\n{"id":5678}\n' }).body).toMatch(
      /^\{"id":\d{4}\}\n\{"id":\d{4}\}\n$/,
    );
  });

  it('is another one with another key', () => {
    const body = { items: [{ id: 'made-up-id' }] };
    expect(scrubbed(body, scrubber({}, 'a'))).not.toEqual(scrubbed(body, scrubber({}, 'b')));
  });
});
