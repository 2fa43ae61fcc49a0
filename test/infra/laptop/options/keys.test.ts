import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { askForKeys, noKeys, readKeys } from '../../../../infra/laptop/options/keys.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pagekeeper-keys-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const nothing = Readable.from([]);
const content = '{"mobaro":{"apiKey":"kX-secret"}}';
const keys = new Map([['mobaro', { apiKey: 'kX-secret' }]]);

async function file(name: string, mode: number, text = content): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  await chmod(path, mode);
  return path;
}

describe('--keys-from', () => {
  it('reads a file that is its owner’s alone, and standard input', async () => {
    await expect(readKeys(await file('own.json', 0o600), nothing)).resolves.toEqual(keys);
    await expect(readKeys(await file('kept.json', 0o400), nothing)).resolves.toEqual(keys);
    await expect(readKeys('-', Readable.from([content.slice(0, 9), content.slice(9)]))).resolves.toEqual(
      keys,
    );
  });

  it.each([0o640, 0o604, 0o666, 0o644, 0o620])(
    'refuses one that others may read or write: %o',
    async (mode) => {
      const read = readKeys(await file(`open-${String(mode)}.json`, mode), nothing);
      await expect(read).rejects.toThrow(
        new UsageError('--keys-from: others on this machine may read the file; run chmod 600 on it first.'),
      );
    },
  );

  it.each([
    ['{"mobaro":', /is not JSON/],
    ['kX-secret', /is not JSON/],
    ['', /is not JSON/],
    ['["kX-secret"]', /has another shape/],
    ['"kX-secret"', /has another shape/],
    ['{"mobaro":"kX-secret"}', /has another shape/],
    ['{"mobaro":{"apiKey":7}}', /has another shape/],
    ['null', /has another shape/],
  ])('refuses %j and repeats nothing of it', async (text, words) => {
    const error = await readKeys('-', Readable.from([text])).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toMatch(words);
    expect((error as Error).message).not.toContain('kX-secret');
  });

  it('does not wait for what nobody knows to type', async () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    await expect(readKeys('-', terminal)).rejects.toThrow(
      new UsageError(
        '--keys-from: it names a terminal; pipe the keys in, or leave --keys-from out to be asked for them.',
      ),
    );
    // A stream that is none, and says so.
    const pipe = Object.assign(Readable.from([content]), { isTTY: false });
    await expect(readKeys('-', pipe)).resolves.toEqual(keys);
  });

  it('says why a file cannot be read, and not which', async () => {
    const error = await readKeys(join(folder, 'kX-secret'), nothing).catch((reason: unknown) => reason);
    expect(error).toEqual(new UsageError('--keys-from: the file cannot be read (ENOENT).'));
    await expect(readKeys(folder, nothing)).rejects.toThrow(/cannot be read \(EISDIR\)/);
  });
});

describe('asking for keys', () => {
  const missing = ['serviceUserId', 'serviceUserToken'].map((field) => ({
    ...{ connection: 'bob', title: 'Bob', field },
  }));

  it('adds what is typed to what was given', async () => {
    const questions: string[] = [];
    const ask = async (question: string) => String(questions.push(question));
    await expect(askForKeys(missing, keys, ask)).resolves.toEqual(
      new Map<string, object>([...keys, ['bob', { serviceUserId: '1', serviceUserToken: '2' }]]),
    );
    expect(questions).toEqual([
      "Bob's serviceUserId for bob (not shown): ",
      "Bob's serviceUserToken for bob (not shown): ",
    ]);
  });

  it('asks nobody where there is no terminal, and no more after somebody has given up', async () => {
    await expect(askForKeys(missing, noKeys, null)).resolves.toEqual(noKeys);
    let asked = 0;
    const giveUp = async () => {
      asked += 1;
      return null;
    };
    await expect(askForKeys(missing, noKeys, giveUp)).resolves.toEqual(noKeys);
    expect(asked).toBe(1);
  });
});
