import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { Level } from 'level';
import { z } from 'zod';

/** Another process has the data open. The message is for the user. */
export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';
}

const runningSchema = z.object({
  pid: z.int().positive(),
  dynamodb: z.url(),
  /** What its servers ask for; a version that had no guard wrote none. */
  accessKey: z.string().exactOptional(),
  /** Only where functions run. */
  queues: z.url().exactOptional(),
  /** Only where functions run; a version before did not say it. */
  secrets: z.url().exactOptional(),
  /** Only where there are buckets; a version before had none. */
  s3: z.url().exactOptional(),
  /** Only where it goes on by the schedules: the streams whose ticks come. */
  ticking: z.array(z.string()).readonly().exactOptional(),
});

/** The process that works on a data folder, and where and whom its servers answer. */
export type Running = z.infer<typeof runningSchema>;

export function databaseFolder(dataDir: string): string {
  return path.join(dataDir, 'dynamodb');
}

function runningFile(dataDir: string): string {
  return path.join(dataDir, 'running.json');
}

/** @returns the live process that works on the folder; one that died without a word does not count. */
export async function readRunning(dataDir: string): Promise<Running | undefined> {
  let running: Running;
  try {
    running = runningSchema.parse(JSON.parse(await readFile(runningFile(dataDir), 'utf8')));
  } catch {
    return undefined;
  }
  return isAlive(running.pid) ? running : undefined;
}

export async function writeRunning(dataDir: string, running: Running): Promise<void> {
  await writeWhole(runningFile(dataDir), running);
}

export async function removeRunning(dataDir: string): Promise<void> {
  await rm(runningFile(dataDir), { force: true });
}

/** A reader sees the old file or the new one, never half of it. */
export async function writeWhole(file: string, content: unknown): Promise<void> {
  const temporary = `${file}.${String(process.pid)}.tmp`;
  await writeFile(temporary, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, file);
}

/**
 * LevelDB lets one process in. dynalite would find out at its first request, with an exception that nobody can catch,
 * so the door is tried here.
 * @throws DataInUseError
 */
export async function mustBeFree(dataDir: string): Promise<void> {
  const probe = await openAlone(databaseFolder(dataDir), dataDir);
  await probe.close();
}

/**
 * Opens a LevelDB of the data folder, whose lock the system releases when the process dies, however it dies.
 * @throws DataInUseError
 */
export async function openAlone(folder: string, dataDir: string): Promise<Pick<Level, 'close'>> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const database = new Level(folder);
  try {
    await database.open();
  } catch (error) {
    if (!isLocked(error)) throw new Error(`The database in ${folder} cannot be opened`, { cause: error });
    const running = await readRunning(dataDir);
    const who = running === undefined ? '' : ` (pid ${String(running.pid)})`;
    throw new DataInUseError(
      `Another process works on this data${who}: ${dataDir}. Wait for it, stop it, or name another folder with --data.`,
    );
  }
  return database;
}

function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && error.code === 'LEVEL_LOCKED') || isLocked(error.cause);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
