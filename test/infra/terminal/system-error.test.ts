import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';

import { inWords } from '../../../infra/end-with.ts';
import { systemErrorInWords } from '../../../infra/terminal/system-error.ts';

function systemError(code: string, words: string, call: string): Error {
  const path = '/home/me/data';
  const error = new Error(`${code}: ${words}, ${call} '${path}'`);
  return Object.assign(error, { code, path, syscall: call });
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

  it.each([
    new Error('the EACCESS of evil'),
    new TypeError('x is not a function'),
    'ENOSPC',
    Object.assign(new Error('listen EACCES: permission denied 0.0.0.0:80'), {
      code: 'EACCES',
      syscall: 'listen',
    }),
    Object.assign(new Error('spawn esbuild EACCES'), {
      code: 'EACCES',
      syscall: 'spawn esbuild',
      path: 'esbuild',
    }),
    Object.assign(new Error('connect EPERM 10.0.0.1:443'), { code: 'EPERM', syscall: 'connect' }),
    Object.assign(new Error('kill EPERM'), { code: 'EPERM', syscall: 'kill' }),
    Object.assign(new Error('odd'), { code: 'toString' }),
    new Error('HTTP 500 {"error":"EPERM"}'),
    new Error('vendor said: Permission denied for field home.address'),
    new Error('vendor said: IO error: no space left on device'),
  ])('is nothing else: %s', (error) => {
    expect(systemErrorInWords(error)).toBeNull();
  });

  it.skipIf(!existsSync('/dev/full'))('is what Node really throws', async () => {
    const error: unknown = await writeFile('/dev/full', 'x').catch((thrown: unknown) => thrown);

    expect(systemErrorInWords(error)).toMatch(/^No space is left on the disk\. Free some, /);
  });
});
