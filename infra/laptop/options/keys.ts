import { open } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { isatty } from 'node:tty';

import { z } from 'zod';

import type { AskHidden } from '../../terminal/ask-hidden.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/** By connection, the fields of its secret that somebody has given. */
export type Keys = ReadonlyMap<string, Readonly<Record<string, string>>>;

export const noKeys: Keys = new Map();

/** What `--keys-from` calls it. */
export const standardInput = '-';

/** Where the key of a connection comes from. */
export type KeyPlace =
  | { readonly kind: 'file'; readonly file: string }
  /** The terminal; or standard input, in whose stead the terminal asks the next time. */
  | { readonly kind: 'asked' }
  /** `MOBARO_EU_API_KEY or MOBARO_API_KEY`, one for each field. */
  | { readonly kind: 'variables'; readonly names: readonly string[] };

/** One field of a secret that nobody has given yet. */
export interface MissingKey {
  readonly connection: string;
  readonly field: string;
  /** Of the vendor, for people. */
  readonly title: string;
}

const shape = z.record(z.string(), z.record(z.string(), z.string()));

/**
 * What `--keys-from` names: `{"mobaro":{"apiKey":"..."}}`.
 * @param source a file that nobody else may read, or `-` for `input`
 * @throws UsageError in one sentence that repeats nothing of it
 */
export async function readKeys(
  source: string,
  input: NodeJS.ReadableStream & { readonly isTTY?: boolean },
): Promise<Keys> {
  if (source === standardInput && input.isTTY === true) throw nothingPiped;
  const content = source === standardInput ? await text(input) : await readPrivately(source);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    // The parser's message quotes the text.
    throw new UsageError(`--keys-from: what it names is not JSON; ${example}`);
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new UsageError(`--keys-from: what it names has another shape; ${example}`);
  return new Map(Object.entries(parsed.data));
}

const example = 'it takes an object of texts by connection and field, such as {"mobaro":{"apiKey":"..."}}.';

/** What is typed on a terminal is shown there, and nobody is told that it is waited for. */
const nothingPiped = new UsageError(
  '--keys-from: it names a terminal; pipe the keys in, or leave --keys-from out to be asked for them.',
);

async function readPrivately(file: string): Promise<string> {
  try {
    // What is looked at is what is read.
    const handle = await open(file, 'r');
    try {
      if (isatty(handle.fd)) throw nothingPiped;
      const found = await handle.stat();
      // Windows has no such bits, and a pipe is gone once it is read.
      const isOpen = process.platform !== 'win32' && found.isFile() && (found.mode & 0o077) !== 0;
      if (isOpen) {
        throw new UsageError(
          '--keys-from: others on this machine may read the file; run chmod 600 on it first.',
        );
      }
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : null;
    if (code === null) throw error;
    throw new UsageError(`--keys-from: the file cannot be read (${code}).`);
  }
}

/** @param ask null where there is no terminal; then, or where nothing is typed, the key stays missing */
export async function askForKeys(
  missing: readonly MissingKey[],
  given: Keys,
  ask: AskHidden | null,
): Promise<Keys> {
  if (ask === null) return given;
  const keys = new Map(given);
  for (const { connection, field, title } of missing) {
    const value = await ask(`${title}'s ${field} for ${connection} (not shown): `);
    if (value === null) return keys;
    keys.set(connection, { ...keys.get(connection), [field]: value });
  }
  return keys;
}
