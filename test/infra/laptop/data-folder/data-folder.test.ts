import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { assemblyFolder } from '../../../../infra/laptop/data-folder/assembly.ts';
import {
  clearDataFolder,
  dataDirOf,
  isDataFolder,
  openDataFolder,
} from '../../../../infra/laptop/data-folder/data-folder.ts';
import { defaultDataDir } from '../../../../infra/settings/project.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';

let parent: string;
let folder: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
  folder = join(parent, 'data');
});
afterEach(async () => {
  await rm(parent, { recursive: true });
});

describe('openDataFolder', () => {
  it('makes and marks a folder that is not there, and opens it again', async () => {
    expect(await isDataFolder(folder)).toBe(false);
    await openDataFolder(folder);
    await openDataFolder(folder);

    expect(await isDataFolder(folder)).toBe(true);
  });

  it('refuses a folder that holds something else, and leaves it as it is', async () => {
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.txt'), 'years of work');

    await expect(openDataFolder(folder)).rejects.toThrow(UsageError);
    expect(await readdir(folder)).toEqual(['thesis.txt']);
  });

  it('refuses a file', async () => {
    await writeFile(folder, '');

    await expect(openDataFolder(folder)).rejects.toThrow(`--data: ${folder} is a file; it takes a folder.`);
  });
});

describe('clearDataFolder', () => {
  it('deletes what was made there, and nothing that was put there since, and the folder stays ours', async () => {
    await openDataFolder(folder);
    await mkdir(join(folder, 'dynamodb'));
    await writeFile(join(folder, 'dynamodb', '000001.log'), '');
    await writeFile(join(folder, 'events.ndjson'), '');
    await writeFile(join(folder, 'notes.txt'), 'mine');

    await clearDataFolder(folder);

    expect((await readdir(folder)).sort()).toEqual(['notes.txt', 'pagekeeper.json']);
    await openDataFolder(folder);
  });

  it('refuses a folder that is not marked, even one with a dynamodb folder in it', async () => {
    await mkdir(join(folder, 'dynamodb'), { recursive: true });

    await expect(clearDataFolder(folder)).rejects.toThrow(UsageError);
    expect(await readdir(folder)).toEqual(['dynamodb']);
  });

  it('has nothing to do where there is no folder', async () => {
    await expect(clearDataFolder(folder)).resolves.toBeUndefined();
  });
});

describe('dataDirOf', () => {
  const byNpm = { npm_package_name: 'pagekeeper', npm_lifecycle_event: 'start', INIT_CWD: '/home/me' };

  it.each([
    ['the default, in the project', null, {}, defaultDataDir],
    ['relative to where the process is', 'x', {}, join(process.cwd(), 'x')],
    ['relative to where npm start was typed', 'x', byNpm, '/home/me/x'],
    [
      'another package, whose npm runs us',
      'x',
      { ...byNpm, npm_package_name: 'other' },
      join(process.cwd(), 'x'),
    ],
    ['absolute', '/x', byNpm, '/x'],
  ])('is %s', (_, typed, variables, expected) => {
    expect(dataDirOf(typed, variables)).toBe(expected);
  });
});

describe('assemblyFolder', () => {
  it('is of this process alone, and what dead ones left behind is gone', async () => {
    // Above the largest pid of Linux.
    await mkdir(join(folder, 'assembly', '4194305'), { recursive: true });
    await mkdir(join(folder, 'assembly', String(process.ppid)));

    const { outdir, remove } = await assemblyFolder(folder);
    await mkdir(outdir);

    expect(outdir).toBe(join(folder, 'assembly', String(process.pid)));
    expect((await readdir(join(folder, 'assembly'))).sort()).toEqual(
      [`${process.pid}`, `${process.ppid}`].sort(),
    );
    await remove();
    expect(existsSync(outdir)).toBe(false);
  });
});
