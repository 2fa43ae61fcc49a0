import { spawnSync } from 'node:child_process';
import { chmod, chown, lchown, lstat, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { describe, expect, it } from 'vitest';

import { openDataFolderStore } from '../../../../infra/cli/store/data-folder-store.ts';
import { makePrivate } from '../../../../infra/laptop/data-folder/private-files.ts';
import {
  hideDataFolder,
  mustBeOwn,
  openDataFolder,
} from '../../../../infra/laptop/data-folder/data-folder.ts';
import { prepareDataFolder } from '../../../../infra/laptop/start-run.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';
import { asAnotherUser, canBeAnotherUser } from '../../../support/another-user.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

async function modeOf(...parts: readonly string[]): Promise<string> {
  return ((await lstat(path.join(...parts))).mode & 0o777).toString(8);
}

/** A data folder as an earlier version left it under a umask of 0. */
async function openFolder(folder: string): Promise<string> {
  const data = path.join(folder, 'data');
  await openDataFolder(data);
  await mkdir(path.join(data, 'dynamodb'));
  await mkdir(path.join(data, 'assembly', '1', 'asset.x'), { recursive: true });
  const content = ['dynamodb/000003.log', 'assembly/1/asset.x/index.mjs'];
  const files = ['running.json', 'local.json', 'events.ndjson', ...content];
  for (const file of [...files, 'notes.sh']) await writeFile(path.join(data, file), 'a person');
  const folders = ['dynamodb', 'assembly', 'assembly/1', 'assembly/1/asset.x'];
  for (const file of ['', 'pagekeeper.json', ...files, ...folders, 'notes.sh']) {
    await chmod(path.join(data, file), 0o777);
  }
  // Reachable for everybody, as a folder in /tmp is.
  await chmod(folder, 0o755);
  return data;
}

describe('makePrivate', () => {
  it('closes files and folders, whatever they were', async () => {
    await using folder = await temporaryFolder();
    const inner = path.join(folder.path, 'a', 'b');
    await mkdir(inner, { recursive: true });
    for (const mode of [0o666, 0o644, 0o777, 0o400]) {
      const file = path.join(inner, mode.toString(8));
      await writeFile(file, '');
      await chmod(file, mode);
    }
    await chmod(inner, 0o555);
    await makePrivate(path.join(folder.path, 'a'));
    expect([await modeOf(folder.path, 'a'), await modeOf(inner)]).toEqual(['700', '700']);
    for (const name of ['666', '644', '777', '400']) expect(await modeOf(inner, name)).toBe('600');
  });

  it('follows no link, and minds nothing that is not there', async () => {
    await using folder = await temporaryFolder();
    const elsewhere = path.join(folder.path, 'elsewhere');
    await writeFile(elsewhere, '');
    await chmod(elsewhere, 0o644);
    await mkdir(path.join(folder.path, 'a'));
    await symlink(elsewhere, path.join(folder.path, 'a', 'link'));
    await makePrivate(path.join(folder.path, 'a'));
    await makePrivate(path.join(folder.path, 'nothing'));
    expect(await modeOf(elsewhere)).toBe('644');
  });
});

describe('keepFilesPrivate', () => {
  it.each(['0000', '0002', '0022', '0177'])(
    'holds for what others write under a umask of %s',
    async (umask) => {
      await using folder = await temporaryFolder();
      const module = pathToFileURL(path.resolve('infra/laptop/data-folder/private-files.ts')).href;
      const script = `
      import { mkdirSync, writeFileSync } from 'node:fs';
      import { spawnSync } from 'node:child_process';
      import { keepFilesPrivate } from '${module}';
      keepFilesPrivate();
      mkdirSync('folder');
      writeFileSync('folder/file', '');
      spawnSync('/bin/sh', ['-c', 'mkdir folder/child && touch folder/child/file']);`;
      const command = `umask ${umask} && exec "$0" --input-type=module -e "$1"`;
      const { status } = spawnSync('/bin/sh', ['-c', command, process.execPath, script], {
        cwd: folder.path,
      });
      expect(status).toBe(0);
      const modes = ['folder', 'folder/file', 'folder/child', 'folder/child/file'].map((file) =>
        modeOf(folder.path, file),
      );
      expect(await Promise.all(modes)).toEqual(['700', '600', '700', '600']);
    },
  );
});

describe('a data folder', () => {
  it('is made for its user alone', async () => {
    await using folder = await temporaryFolder();
    const data = path.join(folder.path, 'data');
    await openDataFolder(data);
    expect([await modeOf(data), await modeOf(data, 'pagekeeper.json')]).toEqual(['700', '600']);
  });

  it('that an earlier version left open is closed by the next start, but for what is not ours', async () => {
    await using folder = await temporaryFolder();
    const data = await openFolder(folder.path);
    await prepareDataFolder(data, false);
    const files = ['pagekeeper.json', 'running.json', 'local.json', 'events.ndjson'];
    for (const file of [...files, 'dynamodb/000003.log', 'assembly/1/asset.x/index.mjs']) {
      expect([file, await modeOf(data, file)]).toEqual([file, '600']);
    }
    for (const one of ['', 'dynamodb', 'assembly', 'assembly/1', 'assembly/1/asset.x']) {
      expect([one, await modeOf(data, one)]).toEqual([one, '700']);
    }
    expect(await modeOf(data, 'notes.sh')).toBe('777');
  });

  it('is closed with --fresh, too', async () => {
    await using folder = await temporaryFolder();
    const data = await openFolder(folder.path);
    await prepareDataFolder(data, true);
    expect(await modeOf(data)).toBe('700');
  });
});

describe.skipIf(!canBeAnotherUser)('another user of this machine', () => {
  it('reads nothing of a data folder, though it could before', async () => {
    await using folder = await temporaryFolder();
    const data = await openFolder(folder.path);
    const files = ['running.json', 'local.json', 'dynamodb/000003.log', 'assembly/1/asset.x/index.mjs'];
    for (const file of files) {
      expect(await asAnotherUser('cat "$1"', path.join(data, file))).toEqual({ status: 0, said: 'a person' });
    }
    await hideDataFolder(data);
    for (const file of files) {
      const { status, said } = await asAnotherUser('cat "$1"', path.join(data, file));
      expect([status, said]).toEqual([1, expect.stringContaining('Permission denied')]);
    }
    for (const command of ['ls "$1"', 'cd "$1"', 'touch "$1/evil"', 'mv "$1" "$1-"', 'rm -r "$1/dynamodb"']) {
      expect((await asAnotherUser(command, data)).status, command).not.toBe(0);
    }
  });

  it('gets its own folder refused, and a link of its own, by the start and by the commands', async () => {
    await using folder = await temporaryFolder();
    const ours = await openFolder(folder.path);
    const theirs = path.join(folder.path, 'theirs');
    const link = path.join(folder.path, 'link');
    const toTheirs = path.join(folder.path, 'to-theirs');
    await mkdir(theirs);
    await chown(theirs, 1234, 1234);
    await chmod(theirs, 0o777);
    await symlink(theirs, toTheirs);
    await symlink(ours, link);
    await lchown(link, 1234, 1234);
    for (const refused of [theirs, toTheirs, link]) {
      const sentence = `${refused} belongs to another user of this machine; name a folder of your own with --data.`;
      for (const open of [
        () => mustBeOwn(refused),
        () => prepareDataFolder(refused, false),
        () => prepareDataFolder(refused, true),
        () => openDataFolder(refused),
        () => openDataFolderStore(refused),
      ]) {
        const opened = open();
        await expect(opened).rejects.toThrow(UsageError);
        await expect(opened).rejects.toThrow(sentence);
      }
    }
    const marked = path.join(folder.path, 'marked');
    await openDataFolder(marked);
    await chown(marked, 1234, 1234);
    await expect(prepareDataFolder(marked, true)).rejects.toThrow('belongs to another user');
    await expect(mustBeOwn(ours)).resolves.toBeUndefined();
  });
});
