import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { TryWorld, type Ended } from './try-world.ts';

let world: TryWorld;

beforeAll(async () => {
  world = await TryWorld.start();
});

afterAll(() => world.stop());

const people = Array.from({ length: 45 }, (_, index) => ({
  userId: `u${String(index)}`,
  name: `Testa Madeupson ${String(index)}`,
  updatedAt: '2026-01-02T03:04:05Z',
}));

const token = { ACME_TOKEN: 'made-up-and-secret', ACME_API_KEY: 'made-up-and-secret' };
let files = 0;

interface Made extends Ended {
  readonly file: string;
}

async function make(path: string, options: readonly string[] = []): Promise<Made> {
  const file = join(world.folder, `made-${String((files += 1))}.ts`);
  const ended = await world.run(
    ['new', 'acme', '--url', world.server.origin + path, '--auth', 'bearer', '--out', file, ...options],
    token,
  );
  return { ...ended, file };
}

/** A list by offset, in an envelope that says so. */
function serve(): void {
  world.handle(({ url }, response) => {
    const { searchParams } = new URL(url, 'http://vendor');
    const skip = Number(searchParams.get('skip') ?? 0);
    const limit = Number(searchParams.get('limit') ?? 20);
    const data = { users: people.slice(skip, skip + limit) };
    const body = JSON.stringify({ data, meta: { total: people.length, skip, limit } });
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
}

describe('connector new', () => {
  it('writes what one request has shown, with its reasons, and no value of it', async () => {
    serve();
    const { status, stdout, file } = await make('/api/users?active=true&limit=20');
    expect(status).toBe(0);
    expect(world.server.requests.map(({ url }) => url)).toEqual(['/api/users?active=true&limit=20']);
    expect(world.server.requests[0]?.headers.authorization).toBe('Bearer made-up-and-secret');
    const text = await readFile(file, 'utf8');
    expect(text).toContain("import { defineConnector } from '");
    expect(text).toContain(`baseUrl: '${world.server.origin}/api'`);
    expect(text).toContain("query: { active: 'true' }");
    expect(text).toMatch(
      /\/\/ Every row has userId, and in 20 rows no two have the same\.\n +id: \[\[\['userId'\]\]\]/,
    );
    expect(text).toMatch(/\/\/ The answer has a list at data\.users of 20 objects\.\n/);
    expect(text).toContain('When a row has changed is in updatedAt');
    expect(text).toContain("prefix: 'Bearer '");
    expect(stdout).toContain(`npx pagekeeper connector try ${file} users`);
    for (const said of [text, stdout]) expect(said).not.toMatch(/Madeupson|2026-01-02|made-up-and-secret/);
  });

  it('writes a connector that walks the list at once', async () => {
    serve();
    const { file } = await make('/api/users');
    const { status, stdout } = await world.run(['try', file, 'users', '--json'], token);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      calls: 3,
      ids: { different: 45, doubles: 0 },
      end: { kind: 'end', outcome: 'complete' },
      warnings: [],
    });
  });

  it.each([
    ['header:X-Api-Key', 'x-api-key', 'made-up-and-secret', '/users'],
    ['query:api_key', 'x-none', undefined, '/users?api_key=made-up-and-secret'],
  ])('signs in by %s', async (form, header, value, url) => {
    world.answers([{ id: 1 }]);
    const { status, file } = await make('/users', ['--auth', form]);
    expect(status).toBe(0);
    expect(world.server.requests[0]?.headers[header]).toBe(value);
    expect(world.server.requests[0]?.url).toBe(url);
    expect(await readFile(file, 'utf8')).not.toContain('made-up-and-secret');
  });

  it('takes names for the list and the vendor, and gives scripts one object', async () => {
    world.answers([{ id: 1 }]);
    const options = [
      '--base-url',
      world.server.origin,
      '--stream',
      'people',
      '--title',
      'Acme & Co',
      '--json',
    ];
    const { stdout, file } = await make('/v1/team/User_Groups.json', options);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      file,
      stream: 'people',
      reasons: expect.any(Array),
    });
    const text = await readFile(file, 'utf8');
    expect(text).toContain("path: '/v1/team/User_Groups.json'");
    expect(text).toContain("title: 'Acme & Co'");
    world.answers([{ id: 1 }]);
    expect((await make('/v1/team/User_Groups.json', ['--json'])).stdout).toContain('"stream": "user-groups"');
  });

  it('asks on a terminal for what no option gives', async () => {
    world.answers([{ id: 1 }]);
    const file = join(world.folder, 'asked.ts');
    const typed = [`${world.server.origin}/users`, 'header:X-Key'];
    const questions: string[] = [];
    const ask = (question: string): Promise<string> => {
      questions.push(question);
      return Promise.resolve(typed[questions.length - 1] ?? '');
    };
    const askHidden = (question: string): Promise<string> =>
      Promise.resolve(question.includes('apiKey') ? 'typed' : '');
    const { status } = await world.run(['new', 'acme', '--out', file], {}, { ask, askHidden });
    expect(status).toBe(0);
    expect(questions).toHaveLength(2);
    expect(world.server.requests[0]?.headers['x-key']).toBe('typed');
  });
});

describe('connector new, where nothing can be written', () => {
  it.each([
    [
      401,
      '',
      /^The vendor refuses the key \(HTTP 401\)\. Check that the key is valid.* Nothing is written\.\n$/,
    ],
    [404, '', /^The vendor knows no such resource/],
    [200, '<html>', /^What answers is not what is expected/],
    [200, '{"id":1}', /^The answer is JSON and has no list of objects/],
  ])('of an answer %i %j', async (code, body, sentence) => {
    world.handle((_, response) => response.writeHead(code).end(body));
    const { status, stdout, file } = await make('/users');
    expect(status).toBe(1);
    expect(stdout).toMatch(sentence);
    expect(world.server.requests).toHaveLength(1);
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('overwrites no file', async () => {
    const file = join(world.folder, 'mine.ts');
    await writeFile(file, 'mine');
    world.answers([{ id: 1 }]);
    const { status, stderr } = await make('/users', ['--out', file]);
    expect([status, stderr]).toEqual([
      2,
      'mine.ts is there already, and is left as it is; --out names another file.',
    ]);
    expect(world.server.requests).toHaveLength(0);
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it.each([
    [
      'a host alone',
      ['new', 'acme', '--url', 'https://api.acme.example/', '--auth', 'bearer'],
      /^--url names a host alone/,
    ],
    [
      'plain HTTP elsewhere',
      ['new', 'acme', '--url', 'http://api.acme.example/users', '--auth', 'bearer'],
      /^--url takes an https URL/,
    ],
    ['no URL', ['new', 'acme'], /^--url: give the URL of a list/],
    [
      'an unknown form',
      ['new', 'acme', '--url', 'https://api.acme.example/users', '--auth', 'magic'],
      /^--auth takes one of bearer, header:NAME/,
    ],
    [
      'a header without a name',
      ['new', 'acme', '--url', 'https://api.acme.example/users', '--auth', 'header'],
      /^--auth takes one of/,
    ],
    ['a wrong name', ['new', 'Acme!'], /^The name takes 1 to 20 small letters/],
    [
      'another base',
      [
        'new',
        'acme',
        '--url',
        'https://api.acme.example/users',
        '--auth',
        'bearer',
        '--base-url',
        'https://other.example',
      ],
      /^--base-url: the URL of the list does not begin with it/,
    ],
    [
      'no key',
      ['new', 'acme', '--url', 'https://api.acme.example/users', '--auth', 'bearer'],
      /^The key of Acme is not given: set ACME_TOKEN/,
    ],
  ])('for %s', async (_, argv, sentence) => {
    const ended = await world.run([...argv, '--out', join(world.folder, 'never.ts')], {});
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(sentence);
  });
});
