import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { acme, key, TryWorld, users } from './try-world.ts';

let world: TryWorld;

beforeAll(async () => {
  world = await TryWorld.start();
});

afterAll(() => world.stop());

const people = Array.from({ length: 45 }, (_, index) => ({
  id: index + 1,
  name: `Testa Madeupson ${String(index)}`,
  joined: '2026-01-02T03:04:05Z',
  address: { city: 'Nirgendwo' },
}));

function changed(change: object): unknown {
  return { ...acme, streams: { users: { ...users, ...change } } };
}

describe('connector try', () => {
  it('walks the list as the sync does, and shows what is sent and what comes', async () => {
    world.gives(people);
    const { status, stdout } = await world.try();
    expect(status).toBe(0);
    expect(world.server.requests.map(({ url }) => url)).toEqual([
      '/users?limit=20&offset=0',
      '/users?limit=20&offset=19',
      '/users?limit=20&offset=38',
    ]);
    expect(world.server.requests[0]?.headers['x-key']).toBe(key);
    expect(stdout).toContain(`GET ${world.server.origin}/users?limit=20&offset=19`);
    expect(stdout).toContain('x-key: ***');
    expect(stdout).toMatch(/20 rows, total 45\n {3}next: offset 20\n/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Ids: 45 different in 47 rows, 2 rows again, for pages overlap by one on purpose, no doubles. The list ends here. A run would be complete.',
    );
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('shows of what kind values are, and the values only if it is told to', async () => {
    world.gives(people);
    const { stdout: hidden } = await world.try();
    expect(hidden).toMatch(/ id +name +joined +address/);
    expect(hidden).toMatch(/ int\(1\) +text\(17\) +time +object\(1\)/);
    expect(hidden).not.toMatch(/Madeupson|Nirgendwo/);
    const { stdout: shown } = await world.try(['--values']);
    expect(shown).toContain('Testa Madeupson 0');
  });

  it('never calls more often than it was told, and says what would end the walk', async () => {
    world.gives(people);
    const { status, stdout } = await world.try(['--pages', '1']);
    expect(world.server.requests).toHaveLength(1);
    expect(status).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'no more calls were allowed (--pages). An empty page would end it, or as many rows as total says.',
    );
  });

  it('gives scripts one object, without a value unless they want them', async () => {
    world.gives(people);
    const { stdout } = await world.try(['--json', '--pages', '2']);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      connector: 'acme',
      stream: 'users',
      calls: 2,
      pages: [
        { number: 1, status: 200, rows: 20, total: 45, outcome: 'fetched', next: 'offset 20' },
        { number: 2, request: { method: 'GET', headers: { 'x-key': '***' } } },
      ],
      ids: { rows: 40, different: 39, overlapping: 1, doubles: 0, conflicts: 0 },
      fields: expect.arrayContaining([{ name: 'address.city', types: ['text'] }]),
      end: { kind: 'calls' },
      warnings: [],
      differences: null,
    });
    expect(stdout).not.toMatch(/Madeupson|made-up-and-secret/);
    const { stdout: whole } = await world.try(['--json', '--values']);
    expect(whole).toContain('Testa Madeupson 44');
  });

  it('shows the limit that the answer tells of', async () => {
    world.handle((_, response) => {
      response
        .writeHead(200, {
          'content-type': 'application/json',
          'x-ratelimit-limit': '60',
          'x-ratelimit-remaining': '58',
          'x-ratelimit-reset': '30',
        })
        .end('{"items":[{"id":1}],"total":1}');
    });
    const { stdout } = await world.try();
    expect(stdout).toContain('limit seen: 60 requests, 58 left, anew in 30 s');
  });

  it('takes what the stream needs of its user, and the parents that it is requested by', async () => {
    const nested = {
      ...users,
      path: '/companies/{company}/people/{parent}/notes',
      params: { company: { meaning: 'the number of the company', pattern: '\\d+' } },
      id: [[['person']], [['id']]],
      parents: { stream: 'people', as: 'person' },
      paging: { kind: 'none' },
    };
    const connector = { ...acme, streams: { people: users, users: nested } };
    world.answers({ items: [{ id: 1 }] });
    const { status } = await world.try(['--param', 'company=7', '--parent', 'a', '--parent', 'b'], connector);
    expect(status).toBe(0);
    expect(world.server.requests.map(({ url }) => url)).toEqual([
      '/companies/7/people/a/notes',
      '/companies/7/people/b/notes',
    ]);
  });

  it('begins with the newest window, or where it is told to', async () => {
    const windows = { days: 30, format: 'date', lookBackHours: 24, historyDays: 365 };
    const connector = changed({
      windows,
      query: { from: '{since}', to: '{until}' },
      paging: { kind: 'none' },
    });
    world.answers({ items: [] });
    await world.try([], connector);
    expect(world.server.requests).toHaveLength(1);
    world.answers({ items: [] });
    await world.try(['--since', '2020-02-03', '--pages', '2'], connector);
    expect(world.server.requests.map(({ url }) => url)).toEqual([
      '/users?from=2020-02-03&to=2020-03-03',
      expect.stringMatching(/^\/users\?from=2020-03-0[23]&/),
    ]);
  });
});

describe('connector try warns of', () => {
  const page = (items: readonly unknown[], total?: number): unknown => ({ items, total });

  it.each([
    [
      'a total that lies',
      {},
      [page([{ id: 1 }, { id: 2 }, { id: 3 }], 2)],
      /The total lies: it says 2 rows, and 3/,
    ],
    [
      'a total that counts the page alone',
      {},
      [page([{ id: 1 }, { id: 2 }], 2), page([{ id: 2 }, { id: 3 }], 2), page([{ id: 3 }, { id: 4 }], 2)],
      /The total counts the rows of its page|The total lies/,
    ],
    [
      'an id that other rows have, too',
      { paging: { kind: 'none' } },
      [
        page([
          { id: 1, a: 1 },
          { id: 1, a: 2 },
        ]),
      ],
      /1 row has the id of another row that is not the same/,
    ],
    [
      'a row that comes twice',
      { paging: { kind: 'none' } },
      [
        page([
          { id: 1, a: 1 },
          { id: 1, a: 1 },
        ]),
      ],
      /1 row came twice/,
    ],
    [
      'an id that is a place',
      {
        paging: {
          kind: 'cursor',
          limit: 'limit',
          cursor: 'after',
          next: [['next']],
          pageSize: { default: 2, max: 2 },
        },
      },
      [
        {
          items: [
            { id: 0, a: 1 },
            { id: 1, a: 2 },
          ],
          next: 'b',
        },
        {
          items: [
            { id: 0, a: 3 },
            { id: 1, a: 4 },
          ],
          next: null,
        },
      ],
      /places in their page/,
    ],
    ['an id that is an address', {}, [page([{ id: 'testa@example.com' }], 1)], /ids are e-mail addresses/],
    ['an id that is a time', {}, [page([{ id: '2026-01-02T03:04:05Z' }], 1)], /ids are times/],
    ['an id that is a name', {}, [page([{ id: 'Testa Madeupson' }], 1)], /ids look like names/],
    [
      'a time without a zone',
      {},
      [page([{ id: 1, work: { from: '2026-01-02T03:04:05' } }], 1)],
      /no zone \(work\.from\)/,
    ],
    ['an empty list', {}, [page([], 0)], /No row came/],
    [
      'a partial answer',
      { partial: ['errors'] },
      [{ items: [{ id: 1 }], total: 1, errors: ['x'] }],
      /An answer is partial.*left 1 out/,
    ],
  ] as const)('%s', async (_, change, answers, sentence) => {
    world.answers(...answers);
    const { stdout } = await world.try(['--json'], changed(change));
    const { warnings } = JSON.parse(stdout) as { warnings: readonly string[] };
    expect(warnings).toContainEqual(expect.stringMatching(sentence));
  });

  it('nothing where all is well', async () => {
    world.gives(people);
    const { stdout } = await world.try(['--json']);
    expect(JSON.parse(stdout)).toMatchObject({ warnings: [] });
  });
});

describe('connector try, of what the vendor refuses', () => {
  it.each([
    [401, {}, '', /^The vendor refuses the key \(HTTP 401\)\. Check that the key is valid/],
    [403, {}, '', /^The key may not read it \(HTTP 403\)\. Give the key's owner the permission/],
    [404, {}, '', /^The vendor knows no such resource \(HTTP 404\)\. Check that the resource exists/],
    [400, {}, '', /^The request is not accepted \(HTTP 400\)\. Check the stream's settings/],
    [429, { 'retry-after': '7' }, '', /^The vendor asks for a pause \(HTTP 429\), try in 7 s/],
    [503, {}, '', /^The vendor is not well \(HTTP 503\)\. Look at the vendor's status page/],
    [
      302,
      { location: 'https://elsewhere.example/' },
      '',
      /^It is sent elsewhere \(redirected to another host.*baseUrl/,
    ],
    [200, { 'content-type': 'text/html' }, '<html>', /^What answers is not what is expected/],
    [200, {}, '{"data":[]}', /^What answers is not what is expected \(the answer has no array at items\)/],
    [200, {}, '{"items":[{"key":1}]}', /items\[0\] has no id \(looked for id\)/],
  ] as const)('%i %j, in one sentence after one call', async (status, headers, body, sentence) => {
    world.handle((_, response) => response.writeHead(status, headers).end(body));
    const ended = await world.try(['--json']);
    expect(ended.status).toBe(1);
    expect(world.server.requests).toHaveLength(1);
    const { end } = JSON.parse(ended.stdout) as { end: { sentence: string } };
    expect(end.sentence).toMatch(sentence);
    expect(end.sentence).toMatch(/\.$/);
  });

  it('and of a vendor that cannot be reached', async () => {
    const { status, stdout } = await world.try(['--base-url', 'http://127.0.0.1:1']);
    expect(status).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'It cannot be reached (the connection was refused (ECONNREFUSED)). Check the network',
    );
  });

  it('and of a walk that does not get on', async () => {
    world.answers({ items: [{ id: 1 }], next: 'again' });
    const paging = {
      kind: 'cursor',
      limit: 'limit',
      cursor: 'after',
      next: [['next']],
      pageSize: { default: 2, max: 2 },
    };
    const { status, stdout } = await world.try([], changed({ paging }));
    expect(status).toBe(1);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'gave the same page or cursor again. Check that paging names the parameters',
    );
  });

  it('repeats no credential, wherever it stands', async () => {
    world.handle((_, response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify({ message: `${key} is wrong` })),
    );
    const connector = { ...(changed({ query: { of: key } }) as object) };
    const { stdout } = await world.try([], connector);
    expect(stdout).toContain('of=***');
    expect(stdout).not.toContain(key);
  });
});

it('connector try says of a wrong definition what is wrong, a sentence each, and asks nobody', async () => {
  world.gives(people);
  const wrong = {
    ...acme,
    baseUrl: 'https://api.acme.example/v1/',
    streams: { users: { ...users, pathh: '/u' } },
  };
  const { status, stderr } = await world.try([], wrong);
  expect(status).toBe(2);
  expect(stderr.split('\n')).toEqual([
    expect.stringMatching(
      /^The connector cannot be used: connector acme, baseUrl: must be an https URL.*\.$/,
    ),
    expect.stringMatching(
      /^The connector cannot be used: connector acme, stream users, pathh: unknown key; did you mean path\?\.$/,
    ),
  ]);
  expect(world.server.requests).toHaveLength(0);
});

it('connector try hides a key in the query', async () => {
  world.gives(people);
  const authentication = { kind: 'query', parameter: 'api_key', field: 'apiKey' };
  const { stdout } = await world.try(['--pages', '1'], { ...acme, authentication });
  expect(world.server.requests[0]?.url).toContain(`api_key=${key}`);
  expect(stdout).toContain('api_key=***');
  expect(stdout).not.toContain(key);
});

describe('connector try, used wrongly', () => {
  it.each([
    [
      'an unknown file',
      ['./nowhere.ts', 'users'],
      /^The connector cannot be used: there is no such file; .*\.$/,
    ],
    [
      'an unknown stream',
      ['FILE', 'user'],
      /^Acme has no such stream \(did you mean users\?\); it has users\.$/,
    ],
    ['no calls', ['FILE', 'users', '--pages', '0'], /^--pages takes a number from 1 to 100\.$/],
    ['a size where there is none', ['FILE', 'users', '--page-size', 'many'], /^--page-size takes a number/],
    [
      'a time where there are no windows',
      ['FILE', 'users', '--since', '2026-01-01'],
      /^--since: the stream has no windows\.$/,
    ],
    [
      'a param that there is not',
      ['FILE', 'users', '--param', 'a=b'],
      /^--param: users has no such param; it has none\.$/,
    ],
    [
      'a parent of nothing',
      ['FILE', 'users', '--parent', 'a'],
      /^--parent: users is not requested by the records/,
    ],
    [
      'a base URL that is not safe',
      ['FILE', 'users', '--base-url', 'http://api.example'],
      /^--base-url: what was given is not safe/,
    ],
  ] as const)('%s', async (_, argv, sentence) => {
    world.gives(people);
    const file = await world.file();
    const ended = await world.run(['try', ...argv.map((word) => (word === 'FILE' ? file : word))]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(sentence);
    expect(world.server.requests).toHaveLength(0);
  });

  it('asks for a key that is not in the environment, and without a terminal says where it belongs', async () => {
    const ended = await world.run(
      ['try', await world.file(), 'users', '--base-url', world.server.origin],
      {},
    );
    expect(ended.stderr).toBe(
      'The key of Acme is not given: set ACME_API_KEY in the environment, or type it on a terminal.',
    );
  });
});
