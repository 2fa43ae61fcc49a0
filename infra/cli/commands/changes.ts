import { setTimeout as sleep } from 'node:timers/promises';

import { Option, type Command } from 'commander';

import type { Change } from '../../../lib/changes/change.ts';
import { cursorAt, formatCursor, type Cursor } from '../../../lib/changes/cursor.ts';
import { readChanges } from '../../../lib/changes/read-changes.ts';
import { cursorBehind, newestSnapshot, onTopOf, snapshotLines } from '../../../lib/changes/read-snapshot.ts';
import type { SnapshotMarker } from '../../../lib/changes/snapshot.ts';
import type { SnapshotReader } from '../../../lib/changes/ports.ts';
import {
  changeFormats,
  changePieces,
  type ChangeFormat,
  type ChangesForm,
} from '../../../lib/operations/list-changes.ts';
import { startCommand } from '../../../lib/operations/words.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { writeAll, writePieces } from '../../terminal/write-all.ts';
import { chooseStore, withStoreOptions, type ChosenStore, type StoreOptions } from '../store/choose-store.ts';
import type { Store } from '../store/store.ts';
import { streamsOf } from '../store/targets.ts';
import type { Cli } from './cli-context.ts';
import { addReplay } from './replay.ts';
import { cursorIn, mustReachBack, sinceOf } from './since.ts';

interface Options extends StoreOptions {
  readonly since?: Since;
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
      const asked = { target, fromSnapshot, until, form: { format: chosen, withoutContent: ids } };
      const pause = follow ? pollMs[isDeployment ? 'deployment' : 'laptop'] : null;
      const cursor = await printLooks({ ...asked, since: since ?? null }, pause, use, cli);
      if (chosen !== 'json') await writeAll(cli.err, `${whereToGoOn(cursor)}\n`);
    });
}

function whereToGoOn(cursor: Cursor | null): string {
  if (cursor !== null) return `Go on with --since ${formatCursor(cursor)}`;
  return 'It was stopped before all of the snapshot was printed: begin with --from-snapshot again.';
}

/** A list of a bucket costs something, and the functions collect changes for some seconds anyway. */
const pollMs = { laptop: 1000, deployment: 15_000 };

interface Asked {
  readonly target: string | undefined;
  /** Null for the beginning. */
  readonly since: Since | null;
  readonly until: number | undefined;
  readonly fromSnapshot: boolean;
  readonly form: Omit<ChangesForm, 'goesOn'>;
}

/** What has been printed. */
interface Look {
  /** Where it has come to; null where it was stopped and some of a snapshot may be missing. */
  readonly cursor: Cursor | null;
  /** What the first one began with. */
  readonly snapshots: readonly SnapshotMarker[];
}

/**
 * Each look opens what is stored anew, so that npm start can have the folder in between.
 *
 * @param pause between two looks, milliseconds; null to look once
 * @returns where it has come to; null where it was stopped before there was anything to go on from
 */
async function printLooks(
  asked: Asked,
  pause: number | null,
  use: ChosenStore['use'],
  cli: Cli,
): Promise<Cursor | null> {
  let look = await use((store) => printLook(asked, null, store, cli));
  while (pause !== null) {
    await sleep(pause, undefined, { signal: cli.signal }).catch(() => undefined);
    if (cli.signal.aborted) break;
    const before = look;
    look = await use((store) => printLook(asked, before, store, cli));
  }
  return look.cursor;
}

async function printLook(
  { target, since, until, fromSnapshot, form }: Asked,
  before: Look | null,
  store: Store,
  { out, signal }: Cli,
): Promise<Look> {
  const streams = streamsOf(store, target);
  const log = await store.changeLog();
  const snapshots = before?.snapshots ?? (fromSnapshot ? await snapshotsFor(streams, log) : []);
  if (before === null && since?.isGoingOn === true)
    await mustReachBack(since.cursor, log, store, 'begin again with --from-snapshot');
  const begin = before?.cursor ?? since?.cursor ?? (fromSnapshot ? cursorBehind(snapshots) : cursorAt(0));
  let cursor = before === null && fromSnapshot ? null : begin;
  const lines = async function* (): AsyncGenerator<Change, void, undefined> {
    if (before === null) for (const snapshot of snapshots) yield* snapshotLines(snapshot, log);
    const changes = readChanges(streams, { since: begin, ...(until !== undefined && { until }) }, log);
    cursor = yield* onTopOf(snapshots, changes);
  };
  const pieces = changePieces(untilStopped(lines(), signal), { ...form, goesOn: before !== null }, () =>
    formatCursor(cursor ?? begin),
  );
  await writePieces(out, pieces, form.format === 'csv');
  return { cursor, snapshots };
}

/** What has been read of a look that is stopped comes again behind the cursor of the look before. */
async function* untilStopped(
  changes: AsyncIterable<Change>,
  signal: AbortSignal,
): AsyncGenerator<Change, void, undefined> {
  for await (const change of changes) {
    if (signal.aborted) return;
    yield change;
  }
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
      `There is no finished snapshot of ${missing.join(', ')} yet: one is begun within the hour, and in the next ${startCommand}.`,
    );
  }
  return found.flatMap(({ snapshot }) => snapshot ?? []);
}

interface Since {
  readonly cursor: Cursor;
  /** It is what a call before has ended with, and no moment that a person has named. */
  readonly isGoingOn: boolean;
}

/** @throws InvalidArgumentError */
function cursorOrTime(text: string): Since {
  const cursor = cursorIn(text);
  return cursor === null
    ? { cursor: cursorAt(sinceOf(text, Date.now())), isGoingOn: false }
    : { cursor, isGoingOn: true };
}
