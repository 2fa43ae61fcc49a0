import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { writeFileWhole } from '../../../../infra/cli/tables/write-file.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

it('leaves what was there, and nothing beside it, if the rows end in a fault', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'people.csv');
  await writeFile(file, 'before');
  const pieces = function* () {
    for (let row = 0; row < 100_000; row += 1) yield 'Ada Example\n';
    throw new Error('the store has gone');
  };
  await expect(writeFileWhole(file, pieces())).rejects.toThrow('the store has gone');
  expect(await readdir(folder.path)).toEqual(['people.csv']);
  expect(await readFile(file, 'utf8')).toBe('before');
});

it('says how many bytes there are', async () => {
  await using folder = await temporaryFolder();
  const file = path.join(folder.path, 'people.csv');
  expect(await writeFileWhole(file, ['Ü', '\n'])).toBe(3);
  expect(await readFile(file, 'utf8')).toBe('Ü\n');
});

it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind after %s', async (signal) => {
  await using folder = await temporaryFolder();
  const module = path.join(import.meta.dirname, '../../../../infra/cli/tables/write-file.ts');
  const code = `
    import { writeFileWhole } from ${JSON.stringify(module)};
    const endless = function* () { for (;;) yield 'Ada Example\\n'.repeat(1000); };
    await writeFileWhole(${JSON.stringify(path.join(folder.path, 'people.csv'))}, endless()).catch((error) => {
      console.log(error.constructor.name);
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    env: { NODE_OPTIONS: '' },
  });
  while ((await readdir(folder.path)).length === 0) await sleep(20);
  child.kill(signal);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  await once(child, 'close');
  expect(said.toString()).toBe('InterruptedError\n');
  expect(await readdir(folder.path)).toEqual([]);
});
