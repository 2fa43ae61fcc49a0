import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { acme, TryWorld, users } from './try-world.ts';

let world: TryWorld;
let recording: string;

const people = Array.from({ length: 45 }, (_, index) => ({
  id: index + 1,
  name: `Testa Madeupson ${String(index)}`,
  joined: '2026-01-02T03:04:05Z',
  boss: index === 0 ? null : String(index),
}));

beforeAll(async () => {
  world = await TryWorld.start();
  recording = join(world.folder, 'users.json');
  world.gives(people);
  await world.try(['--record', recording]);
});

afterAll(() => world.stop());

it('keeps the answers without a value of them, for nobody else to read', async () => {
  const text = await readFile(recording, 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    pagekeeperRecording: 1,
    connector: 'acme',
    stream: 'users',
    exchanges: [{ method: 'GET', path: '/users', query: ['limit', 'offset'], status: 200 }, {}, {}],
  });
  expect(text).not.toMatch(/Testa|Madeupson|2026-01-02|made-up-and-secret/);
  expect((await stat(recording)).mode & 0o077).toBe(0);
});

it('is replayed without a call and a key, page for page', async () => {
  world.gives([]);
  const file = await world.file();
  const { status, stdout } = await world.run(['try', file, 'users', '--replay', recording, '--json'], {});
  expect(world.server.requests).toHaveLength(0);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    calls: 3,
    pages: [
      { rows: 20, total: 45 },
      { rows: 20, next: 'offset 39' },
      { rows: 7, next: null },
    ],
    ids: { different: 45, overlapping: 2, doubles: 0 },
    end: { kind: 'end', outcome: 'complete' },
    warnings: [],
  });
});

it('is replayed for a connector whose refresh token try does not spend', async () => {
  const authentication = {
    kind: 'oauth2',
    ...{
      tokenUrl: 'https://api.acme.example/token',
      clientId: 'id',
      clientSecret: 'secret',
      clientIn: 'basic',
    },
    grant: { kind: 'refresh_token', field: 'refreshToken', lastTokenReusable: true },
  };
  const file = await world.file({ ...acme, authentication });
  const replayed = await world.run(['try', file, 'users', '--replay', recording, '--json'], {});
  expect([replayed.status, replayed.stderr]).toEqual([0, '']);
  world.gives(people);
  const key = { ACME_ID: 'id', ACME_SECRET: 'secret', ACME_REFRESH_TOKEN: 'refresh token' };
  const { status, stderr } = await world.run(['try', file, 'users'], key);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^acme: its refresh token may be taken once, and a try keeps nothing/);
});

it('says that nothing is otherwise where the vendor is as it was', async () => {
  world.gives(people);
  const { status, stdout } = await world.try(['--compare', recording, '--json']);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ differences: [] });
});

it('says which fields have gone, are new or are of another type', async () => {
  world.gives(
    people.map(({ id, name, boss }) => ({ id: `u${String(id)}`, boss, fullName: name })),
    null,
  );
  const { status, stdout } = await world.try(['--compare', recording, '--pages', '4', '--json']);
  expect(status).toBe(1);
  expect((JSON.parse(stdout) as { differences: unknown }).differences).toEqual([
    'fullName is new (text).',
    'id was int and is text.',
    'joined is gone: it came 47 times.',
    'name is gone: it came 47 times.',
    'The answer says no total any more.',
  ]);
  world.gives(people.map(({ id }) => ({ id })));
  expect((await world.try(['--compare', recording])).stdout).toContain('≠ name is gone');
});

it('shows what a change of the definition makes of the same answers', async () => {
  const other = {
    ...acme,
    streams: { users: { ...users, items: { path: ['data'] }, query: { of: 'all' } } },
  };
  const { status, stdout } = await world.try(['--replay', recording, '--json'], other);
  expect(status).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    end: { sentence: expect.stringContaining('no array at data') },
    warnings: [expect.stringContaining('Call 1: requested otherwise than when it was recorded')],
  });
});

it.each([
  ['--record', (): string => recording, /^--record: the file is there already, and is left as it is\.$/],
  ['--replay', (): string => './nowhere.json', /^--replay: the file is not there\.$/],
  [
    '--compare',
    (): string => join(world.folder, 'other.json'),
    /^--compare: the file is no recording of connector try --record\.$/,
  ],
] as const)(
  '%s refuses what is no file for it, before the vendor is asked',
  async (option, file, sentence) => {
    world.gives(people);
    await writeFile(join(world.folder, 'other.json'), '{}');
    const { status, stderr } = await world.try([option, file()]);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
    expect(world.server.requests).toHaveLength(0);
  },
);
