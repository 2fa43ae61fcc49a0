import { chmod, lstat, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { keptEventsName } from '../../emulator/embedded/kept-events.ts';
import { defaultDataDir } from '../../settings/project.ts';
import { makePrivate } from './private-files.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/**
 * The folder that keeps a laptop's state. It is told from any other folder by its marker file, so that a mistyped
 * `--data` neither litters a folder of the user's nor, with `--fresh`, empties it.
 */
const markerName = 'pagekeeper.json';
const marker = { madeBy: 'pagekeeper', about: 'State of `npm start`; safe to delete while nothing runs.' };

/** All that is ever made in there beside the marker; nothing else is ever deleted. */
const ours = [
  ...['dynamodb', 'assembly', 'running.json', 'local.json', 'local.json.new', 'settings.json'],
  ...[keptEventsName, `${keptEventsName}.new`],
];

/** Ours as well. Never made but for its user alone, so that its many files need no second look. */
const objects = 's3';

/** Beside them, and never deleted: whoever has it open holds the folder. */
export const lockName = 'lock';

/**
 * @param typed as given to `--data`; null for the default, in the folder of the app.
 * @returns the absolute path.
 */
export function dataDirOf(
  typed: string | null,
  variables: Readonly<Record<string, string | undefined>>,
): string {
  return typed === null ? defaultDataDir : resolve(folderTypedIn(variables), typed);
}

/** `npm run` moves into the package's folder first; what was typed is meant from where it was typed. */
export function folderTypedIn(variables: Readonly<Record<string, string | undefined>>): string {
  const scripts = ['start', 'pagekeeper'];
  const byNpm =
    variables['npm_package_name'] === 'pagekeeper' &&
    scripts.includes(variables['npm_lifecycle_event'] ?? '');
  return byNpm ? (variables['INIT_CWD'] ?? '.') : '.';
}

/**
 * What it holds is personal data, and the key of a start that runs.
 * @throws UsageError if the folder, or the link that leads to it, belongs to another user of this machine.
 */
export async function mustBeOwn(dataDir: string): Promise<void> {
  for (const look of [lstat, stat]) {
    const owner = await look(dataDir).then(
      ({ uid }) => uid,
      () => undefined,
    );
    const us = process.getuid?.();
    if (owner !== undefined && us !== undefined && owner !== us) {
      throw new UsageError(
        `${dataDir} belongs to another user of this machine; name a folder of your own with --data.`,
      );
    }
  }
}

/** Of other users' eyes: earlier versions made it as the umask had it. The folder first, so that nobody comes in meanwhile. */
export async function hideDataFolder(dataDir: string): Promise<void> {
  await chmod(dataDir, 0o700);
  for (const name of [markerName, lockName, ...ours]) await makePrivate(join(dataDir, name));
}

/** Creates the folder if need be, and marks it. @throws UsageError if it holds something else, or is another user's. */
export async function openDataFolder(dataDir: string): Promise<void> {
  await mustBeOwn(dataDir);
  const entries = await entriesOf(dataDir);
  if (entries.length > 0) {
    await mustBeOurs(dataDir, '--data');
    return;
  }
  await make(dataDir);
  // Somebody else may have made it just now.
  await mustBeOwn(dataDir);
  await hideDataFolder(dataDir);
  await writeFile(join(dataDir, markerName), `${JSON.stringify(marker, null, 2)}\n`, { mode: 0o600 });
}

/** @throws UsageError where its parent takes no folder: on a disk that can only be read, Node says that nothing is there. */
async function make(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new UsageError(`--data: ${dataDir} cannot be made there; name a folder that can be written.`);
  }
}

/** Deletes what was made there but for the marker, and nothing else. @throws UsageError if the folder is not marked. */
export async function clearDataFolder(dataDir: string): Promise<void> {
  const entries = await entriesOf(dataDir);
  if (entries.length === 0) return;
  await mustBeOurs(dataDir, '--fresh');
  for (const name of [...ours, objects]) await rm(join(dataDir, name), { recursive: true, force: true });
}

/** Whether `npm start` has ever stored anything there. */
export async function isDataFolder(dataDir: string): Promise<boolean> {
  try {
    const content: unknown = JSON.parse(await readFile(join(dataDir, markerName), 'utf8'));
    return (
      typeof content === 'object' &&
      content !== null &&
      'madeBy' in content &&
      content.madeBy === marker.madeBy
    );
  } catch {
    return false;
  }
}

async function mustBeOurs(dataDir: string, option: string): Promise<void> {
  if (await isDataFolder(dataDir)) return;
  throw new UsageError(
    `${option}: ${dataDir} holds something that Pagekeeper did not make; name a folder that is empty or does not exist yet.`,
  );
}

async function entriesOf(dataDir: string): Promise<readonly string[]> {
  try {
    return await readdir(dataDir);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new UsageError(`--data: ${dataDir} is a file; it takes a folder.`);
    throw error;
  }
}
