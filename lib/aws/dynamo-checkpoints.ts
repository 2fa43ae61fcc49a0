import type { AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import { spentBy, type Checkpoint, type RunProgress, type Stop } from '../sync/checkpoint.ts';
import { historyWith } from '../sync/history.ts';
import { haltOutcomes, streamOutcomes } from '../sync/outcome.ts';
import type { Checkpoints, UnreadableItem } from '../sync/ports.ts';
import { decodeAnswers, encodeAnswers } from './answers-text.ts';
import { fromAttributes } from './attributes.ts';
import { decodeHistory, encodeHistory } from './history-text.ts';
import { NewerVersionError } from './newer-version-error.ts';
import { isUnreadable, parseItem } from './parse-item.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

/** Epoch milliseconds. */
const time = z.number();
const count = z.int().nonnegative();

/**
 * The format of checkpoints. 2 has sweeps, and what deletions rest on. A function of version 1 that is still warm during a
 * deployment must not touch such an item: it would lose what the run has remembered.
 */
const version = 2;

const offsetPosition = z.object({
  kind: z.literal('offset'),
  offset: count,
  anchor: z.string().exactOptional(),
  blind: z.literal(true).exactOptional(),
  confirming: z.literal(true).exactOptional(),
  reached: z.literal(true).exactOptional(),
  counted: z.literal(true).exactOptional(),
  second: z.literal(true).exactOptional(),
  stepBack: count.exactOptional(),
  page: z.string().exactOptional(),
  rows: count.exactOptional(),
  fullest: count.exactOptional(),
  again: z.literal(true).exactOptional(),
  total: count.exactOptional(),
});

const stepsPosition = z.object({
  kind: z.literal('steps'),
  offset: count,
  step: count,
  stage: z.enum(['trying', 'proving', 'walking']),
  next: count.exactOptional(),
  walked: count,
  page: z.string(),
  rows: count,
  fullest: count,
  again: z.literal(true).exactOptional(),
  total: count.exactOptional(),
});

const mark = z.object({ cursor: z.string(), pages: count, left: count });

const keysetPosition = z.object({
  kind: z.literal('keyset'),
  after: z.record(z.string(), z.union([z.string(), z.number()])),
  last: z.string(),
  blind: z.literal(true).exactOptional(),
  rows: count,
  fullest: count.exactOptional(),
  mark: mark.exactOptional(),
});

const cursorPosition = z.object({
  kind: z.literal('cursor'),
  cursor: z.string(),
  mark: mark.exactOptional(),
  page: z.string().exactOptional(),
});

const answerPosition = z.object({ kind: z.literal('answer'), after: z.string() });
const filePosition = z.object({
  kind: z.literal('file'),
  name: z.string(),
  since: time,
  after: z.string().exactOptional(),
});

const walkPositions = [
  ...[offsetPosition, stepsPosition, cursorPosition, keysetPosition, answerPosition, filePosition],
] as const;

const part = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ids') }),
  z.object({ kind: z.literal('batch'), index: count, of: count }),
  z.object({
    kind: z.literal('slice'),
    parent: z.string().nullable(),
    window: z.object({ since: time, until: time, end: time }).nullable(),
  }),
  z.object({ kind: z.literal('changes'), since: time, whole: z.literal(true).exactOptional() }),
]);

const firstAbsent = z
  .object({ page: z.enum(['whole', 'part']), absent: z.array(z.string()) })
  .nullable()
  .default(null);

const knownList = z.object({
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  fingerprint: z.string(),
});

/** Everything that version 1 did not know has a default. */
const known = z.object({
  stream: z.string(),
  revision: z.int().positive(),
  state: z.enum(['idle', 'running', 'parked', 'exhausted', 'halted', 'paused']),
  run: z.string().nullable(),
  sequence: count,
  position: z
    .discriminatedUnion('kind', [
      ...walkPositions,
      z.object({
        kind: z.literal('part'),
        part,
        from: count.default(0),
        again: z.literal(true).exactOptional(),
        walk: z.discriminatedUnion('kind', walkPositions).nullable(),
      }),
      z.object({
        kind: z.literal('sweep'),
        step: z.enum(['count', 'delete']),
        after: z.string().nullable(),
        live: count,
        gone: count,
        end: offsetPosition.nullable(),
      }),
    ])
    .nullable(),
  lease: z.object({ holder: z.string(), until: time }).nullable(),
  attempt: count,
  retryAt: time.nullable(),
  slot: time.nullable().default(null),
  accountSlot: time.nullable().default(null),
  lastTick: time.nullable(),
  movedAt: time,
  outcome: z.enum(streamOutcomes).nullable(),
  outcomeAt: time.nullable(),
  lastStatus: z.int().nullable(),
  reason: z.string().nullable(),
  trouble: z.enum(['exhausted', 'malformed']).nullable(),
  stopped: z
    .object({ by: z.enum([...haltOutcomes, 'exhausted', 'malformed']), since: time, revision: count })
    .nullable()
    .default(null),
  halt: z
    .object({
      outcome: z.enum(haltOutcomes),
      at: time,
      definition: z.string(),
    })
    .nullable(),
  progress: z
    .object({
      startedAt: time,
      pages: count,
      records: count,
      written: count,
      unchanged: count,
      partial: z.boolean(),
      leftOut: z.string().nullable().default(null),
      withheld: z.boolean().default(false),
      setbacks: count.default(0),
      confirmations: count.default(0),
      deleted: count.default(0),
      remembered: count.nullable().default(null),
      total: count.nullable().default(null),
      basis: z.string().nullable().default(null),
      waitedMs: z.number().default(0),
      absent: z.array(z.string()).nullable().default(null),
      first: firstAbsent,
      from: count.default(0),
      unknown: count.default(0),
      cutShort: z.boolean().default(false),
      offsets: z.enum(['any', 'multiples', 'pages']).nullable().default(null),
      validators: knownList.nullable().default(null),
      changesSince: time.nullable().default(null),
      newest: time.nullable().default(null),
      smaller: z.object({ rows: z.int().positive(), at: count }).exactOptional(),
    })
    .nullable(),
  completedAt: time.nullable(),
  waitingSince: time.nullable().default(null),
  // Without it the next complete run deletes nothing, as after any change.
  trusted: z.string().nullable().default(null),
  held: z.object({ rows: count, of: count, since: time }).nullable().default(null),
  allowed: count.nullable().default(null),
  allowedUntil: time.nullable().default(null),
  freshFrom: time.nullable().default(null),
  doubtedSince: time.nullable().default(null),
  readUntil: z
    .object({
      at: time,
      definition: z.string(),
      whole: z.object({ at: time, nextAt: time }).exactOptional(),
    })
    .nullable()
    .default(null),
  validators: knownList.extend({ wholeAt: time }).nullable().default(null),
  size: count.nullable().default(null),
  totals: z.enum(['confirmed', 'too low']).nullable().default(null),
  cutShortRuns: count.default(0),
  coverage: z
    .object({
      absent: z.array(z.string()),
      first: firstAbsent,
      definition: z.string(),
      withheld: z.array(z.string()).default([]),
    })
    .nullable()
    .default(null),
  answers: z.string().default('[]'),
  history: z.string().default('[]'),
});

const timeOfVersion1 = z.looseObject({
  v: z.literal(1),
  run: z.string(),
  movedAt: time,
  progress: z.looseObject({ startedAt: time }),
});

/**
 * Version 1 did not distinguish work from waiting. All that its open run has taken counts as waiting, or a deployment would make a
 * runaway of every run that is slow by intention.
 */
const migrated = z.preprocess((item): unknown => {
  const { success, data } = timeOfVersion1.safeParse(item);
  if (!success) return item;
  const { movedAt, progress } = data;
  const waitedMs = Math.max(0, movedAt - progress.startedAt);
  return { ...data, waitingSince: movedAt, progress: { ...progress, waitedMs } };
}, known);

const checkpoint = wholeSchemaOf<Stored>()(migrated);

/** Checkpoints as items `stream#<name>`, their parts as native maps, but for the history, which grows here with each write. */
export class DynamoCheckpoints implements Checkpoints {
  readonly #items: RevisionedItems<Stored>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems<Stored>(client, table, checkpoint, version);
  }

  async read(stream: string): Promise<Checkpoint | undefined> {
    const stored = await this.#items.read(keyOf(stream));
    return stored && loaded(stored);
  }

  async readAll(
    streams: readonly string[],
    onUnreadable?: (stream: string, why: UnreadableItem) => void,
  ): Promise<ReadonlyMap<string, Checkpoint>> {
    const found = await this.#items.readAll(streams.map(keyOf), (error, pk) => {
      if (onUnreadable === undefined || !isUnreadable(error)) return false;
      onUnreadable(pk.slice(keyOf('').length), { isNewer: error instanceof NewerVersionError, error });
      return true;
    });
    return new Map([...found.values()].map((stored) => [stored.stream, loaded(stored)]));
  }

  async replace(next: Checkpoint): Promise<Checkpoint | undefined> {
    const stored = await this.#items.replace(keyOf(next.stream), storedOf(next));
    return stored && loaded(stored);
  }
}

/** @throws {DamagedItemError | NewerVersionError} */
export function decodeCheckpoint(item: Readonly<Record<string, AttributeValue>>): Checkpoint {
  return loaded(parseItem('of a checkpoint', fromAttributes(item), version, checkpoint));
}

/** As it is stored: its history and its answers as a text each, and some fields under the names that they have had since version 1. */
interface Stored extends Omit<
  Checkpoint,
  'history' | 'answers' | 'progress' | 'stopped' | 'heldDeletions' | 'trustedFingerprint' | 'lastRunRows'
> {
  readonly history: string;
  readonly answers: string;
  /**
   * Of this revision of the item: one that an older version, which leaves it alone, has written since says nothing of the stream any
   * more.
   */
  readonly stopped: (Stop & { readonly revision: number }) | null;
  /** What versions knew of a stop that did not have `stopped`. */
  readonly trouble: 'exhausted' | 'malformed' | null;
  readonly progress: StoredProgress | null;
  readonly held: Checkpoint['heldDeletions'];
  readonly trusted: Checkpoint['trustedFingerprint'];
  readonly size: Checkpoint['lastRunRows'];
}

interface StoredProgress extends Omit<
  RunProgress,
  'unwritten' | 'requestFingerprint' | 'firstPage' | 'skippedRows' | 'unknownParentsInRow'
> {
  readonly withheld: RunProgress['unwritten'];
  readonly basis: RunProgress['requestFingerprint'];
  readonly first: RunProgress['firstPage'];
  readonly from: RunProgress['skippedRows'];
  readonly unknown: RunProgress['unknownParentsInRow'];
}

function storedOf(next: Checkpoint): Stored {
  const { heldDeletions: held, trustedFingerprint: trusted, lastRunRows: size, progress, ...same } = next;
  const history = encodeHistory(historyWith(next));
  return {
    ...same,
    stopped: next.stopped && { ...next.stopped, revision: next.revision + 1 },
    trouble: spentBy(next),
    held,
    trusted,
    size,
    history,
    answers: encodeAnswers(next.answers),
    progress: progress && storedProgressOf(progress),
  };
}

function storedProgressOf(progress: RunProgress): StoredProgress {
  const { unwritten, requestFingerprint, firstPage, skippedRows, unknownParentsInRow, ...same } = progress;
  return {
    ...same,
    ...{ withheld: unwritten, basis: requestFingerprint, first: firstPage },
    ...{ from: skippedRows, unknown: unknownParentsInRow },
  };
}

function loaded(stored: Stored): Checkpoint {
  const { held, trusted, size, history, answers, progress, trouble, stopped, ...same } = stored;
  return {
    ...same,
    stopped: stopped?.revision === same.revision ? stopOnly(stopped) : stopOf(trouble, same),
    ...{ heldDeletions: held, trustedFingerprint: trusted, lastRunRows: size },
    history: decodeHistory(history),
    answers: decodeAnswers(answers),
    progress: progress && loadedProgress(progress),
  };
}

function stopOnly({ by, since }: Stop): Stop {
  return { by, since };
}

/** Of an item that an older version wrote. */
function stopOf(
  trouble: Stored['trouble'],
  { halt, outcomeAt, movedAt }: Pick<Stored, 'halt' | 'outcomeAt' | 'movedAt'>,
): Checkpoint['stopped'] {
  if (halt !== null) return { by: halt.outcome, since: halt.at };
  return trouble === null ? null : { by: trouble, since: outcomeAt ?? movedAt };
}

function loadedProgress(stored: StoredProgress): RunProgress {
  const { withheld, basis, first, from, unknown, ...same } = stored;
  return {
    ...same,
    ...{ unwritten: withheld, requestFingerprint: basis, firstPage: first },
    ...{ skippedRows: from, unknownParentsInRow: unknown },
  };
}

function keyOf(stream: string): string {
  return `stream#${stream}`;
}
