import { setTimeout as sleep } from 'node:timers/promises';

import { InvalidArgumentError, Option, type Command } from 'commander';

import { cursorAt, formatCursor, parseCursor, type Cursor } from '../../../lib/changes/cursor.ts';
import { readChanges } from '../../../lib/changes/read-changes.ts';
import { newestSnapshot, snapshotLines } from '../../../lib/changes/read-snapshot.ts';
import type { SnapshotMarker } from '../../../lib/changes/snapshot.ts';
import type { SnapshotReader } from '../../../lib/changes/ports.ts';
import { changeFormats, changePieces, type ChangeFormat } from '../../../lib/operations/list-changes.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { writeAll, writePieces } from '../../terminal/write-all.ts';
import { chooseStore, withStoreOptions, type StoreOptions } from '../store/choose-store.ts';
import { streamsOf } from '../store/targets.ts';
import type { Cli } from './cli-context.ts';
import { addReplay } from './replay.ts';
import { sinceOf } from './since.ts';

interface Options extends StoreOptions {
  readonly since?: Cursor;
  readonly until?: number;
  readonly fromSnapshot?: true;
  readonly follow?: true;
  readonly ids?: true;
  readonly format?: ChangeFormat;
}

export function addChanges(root: Command, cli: Cli): void {
  const changes = withStoreOptions(root.command('changes'));
  // Or it would take the options of what is below it for its own.
  changes.enablePositionalOptions();
  addReplay(changes, cli);
  changes
    .description('prints the changes of records, in order, and where to go on from')
    .argument('[target]', 'a stream, such as bob/people, or a connection (default: all)')
    .addOption(
      new Option(
        '--since <when>',
        'the cursor of a call before, a date, a time, or how long ago (default: all there are)',
      ).argParser(cursorOrTime),
    )
    .addOption(
      new Option('--until <when>', 'no later than a date, a time, or how long ago').argParser((text) =>
        sinceOf(text, Date.now()),
      ),
    )
    .option('--from-snapshot', 'the records of the newest snapshot first, and then all changes since it')
    .option('--follow', 'goes on with what comes, until Ctrl-C')
    .option('--ids', 'which records and what became of them, without their content')
    .addOption(new Option('--format <format>', 'how (default: ndjson)').choices(changeFormats))
    .option('--json', 'as one JSON object, the cursor in it: the same as --format json')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper changes                             one JSON object a line
  npx pagekeeper changes bob/people --since 1d
  npx pagekeeper changes --since c1.1796040125123    what is new since the call that ended with it
  npx pagekeeper changes bob --from-snapshot         all that there is, and what has become of it since
  npx pagekeeper changes mobaro --follow --ids
  npx pagekeeper changes --format csv --stack Pagekeeper > changes.csv
  npx pagekeeper changes replay --stack Pagekeeper   publishes what could not be published in its time

op is created, changed, deleted, restored or erased, and snapshot for a record of a snapshot; after gap, lines of any
record may be missing, and --from-snapshot has them. A line may come twice, with the same sequence; of two lines of one
record the one with the higher sequence is the later. The cursor to go on from is printed to the standard error.`,
    )
    .action(async (target: string | undefined, options: Options) => {
      const { since, until, fromSnapshot = false, follow = false, ids = false, json, format } = options;
      if (json === true && format !== undefined && format !== 'json') {
        throw new UsageError(`--json is --format json, and cannot go with --format ${format}.`);
      }
      const chosen = format ?? (json === true ? 'json' : 'ndjson');
      if (follow && chosen === 'json') throw new UsageError('--follow goes with --format ndjson or csv.');
      if (fromSnapshot && (since ?? until) !== undefined)
        throw new UsageError(
          '--from-snapshot begins with the newest snapshot, and takes no --since and no --until.',
        );
      if (follow && until !== undefined) throw new UsageError('--follow has no end, and --until is one.');
      const { use, isDeployment } = chooseStore(options, cli.variables);
      await use(async (store) => {
        const streams = streamsOf(store, target);
        const log = await store.changeLog();
        const pause = follow ? pollMs[isDeployment ? 'deployment' : 'laptop'] : null;
        const snapshots = fromSnapshot ? await snapshotsFor(streams, log) : [];
        const begin = since ?? cursorAt(fromSnapshot ? earliest(snapshots) : 0);
        const end = { cursor: begin };
        const lines = changesUntil({ streams, snapshots, since: begin, until, pause, end }, log, cli.signal);
        await writePieces(
          cli.out,
          changePieces(lines, chosen, ids, () => formatCursor(end.cursor)),
          chosen === 'csv',
        );
        if (chosen !== 'json') await writeAll(cli.err, `Go on with --since ${formatCursor(end.cursor)}\n`);
      });
    });
}

/** A list of a bucket costs something, and the functions collect changes for some seconds anyway. */
const pollMs = { laptop: 1000, deployment: 15_000 };

interface Reading {
  readonly streams: readonly string[];
  /** What it begins with. */
  readonly snapshots: readonly SnapshotMarker[];
  readonly since: Cursor;
  readonly until: number | undefined;
  /** Between two looks, milliseconds; null to look once. */
  readonly pause: number | null;
  /** Where it has come to. */
  readonly end: { cursor: Cursor };
}

async function* changesUntil(
  { streams, snapshots, since, until, pause, end }: Reading,
  log: SnapshotReader,
  signal: AbortSignal,
) {
  for (const snapshot of snapshots) yield* snapshotLines(snapshot, log);
  for (let cursor = since; ;) {
    cursor = yield* readChanges(streams, { since: cursor, ...(until !== undefined && { until }) }, log);
    end.cursor = cursor;
    if (pause === null) return;
    // What has been written so far is to be seen now.
    yield null;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
  }
}

/** Lines of one stream that are in its snapshot already come once more then, in their order. */
function earliest(snapshots: readonly SnapshotMarker[]): number {
  return Math.min(...snapshots.map(({ from }) => Date.parse(from)));
}

/** @throws UsageError */
async function snapshotsFor(
  streams: readonly string[],
  log: SnapshotReader,
): Promise<readonly SnapshotMarker[]> {
  const found = await Promise.all(
    streams.map(async (stream) => ({ stream, snapshot: await newestSnapshot(stream, log) })),
  );
  const missing = found.flatMap(({ stream, snapshot }) => (snapshot === null ? [stream] : []));
  if (missing.length > 0) {
    throw new UsageError(
      `There is no finished snapshot of ${missing.join(', ')} yet: one is begun within the hour, and in the next npm start.`,
    );
  }
  return found.flatMap(({ snapshot }) => snapshot ?? []);
}

/** @throws InvalidArgumentError */
function cursorOrTime(text: string): Cursor {
  const cursor = parseCursor(text);
  if (cursor !== null) return cursor;
  if (text.startsWith('c1.')) {
    throw new InvalidArgumentError(
      'It looks like a cursor of changes, and a part of it is missing or has been changed.',
    );
  }
  return cursorAt(sinceOf(text, Date.now()));
}
