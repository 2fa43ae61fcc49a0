import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { inWords } from '../../../infra/end-with.ts';
import { systemErrorInWords } from '../../../infra/terminal/system-error.ts';

function systemError(code: string, words: string, call: string): Error {
  const path = '/home/me/data';
  return Object.assign(new Error(`${code}: ${words}, ${call} '${path}'`), { code, path });
}

describe('what the operating system refuses', () => {
  it.each([
    [
      'ENOSPC',
      'no space left on device',
      /^No space is left on the disk \(\/home\/me\/data\)\. Free some, or /,
    ],
    ['EDQUOT', 'disk quota exceeded', /^The quota of disk space is used up \(\/home\/me\/data\)\. /],
    ['EROFS', 'read-only file system', /^The disk can only be read \(\/home\/me\/data\)\. Use a folder /],
    [
      'EACCES',
      'permission denied',
      /^This user has no permission to read or write \(\/home\/me\/data\)\. Use /,
    ],
    [
      'EPERM',
      'operation not permitted',
      /^This user has no permission to read or write \(\/home\/me\/data\)\. /,
    ],
    ['EMFILE', 'too many open files', /^This process may open no more files \(\/home\/me\/data\)\. Raise /],
  ])('is one sentence that says what to do: %s', (code, words, sentence) => {
    const error = systemError(code, words, 'open');

    expect(systemErrorInWords(error)).toMatch(sentence);
    expect(inWords(error)).not.toContain('\n');
    // A library may keep the error as the cause of its own, or its text alone.
    expect(systemErrorInWords(new Error('cannot open', { cause: error }))).toMatch(sentence);
    expect(systemErrorInWords(new Error(`Failed to bundle: ${error.message}`))).toMatch(sentence);
  });

  it('is understood in the words of LevelDB, which gives no code', () => {
    const full = new Error('IO error: /data/dynamodb/000003.log: No space left on device');
    expect(systemErrorInWords(full)).toMatch(
      /^No space is left on the disk \(\/data\/dynamodb\/000003\.log\)\./,
    );
  });

  it('is nothing else', () => {
    expect(systemErrorInWords(new Error('the EACCESS of evil'))).toBeNull();
    expect(systemErrorInWords(new TypeError('x is not a function'))).toBeNull();
    expect(systemErrorInWords('ENOSPC')).toBeNull();
  });

  it.skipIf(!existsSync('/dev/full'))('is what Node really throws', async () => {
    const error: unknown = await writeFile('/dev/full', 'x').catch((thrown: unknown) => thrown);

    expect(systemErrorInWords(error)).toMatch(/^No space is left on the disk\. Free some, /);
  });
});
