import { connectionOf } from '../connectors/stream-name.ts';
import { inForce, type Mute, type Mutes } from '../on-call/mute.ts';
import type { Position } from '../paging/position.ts';
import type { Breaker } from '../sync/breaker.ts';
import { hasNeverRun, isHalted, type Checkpoint, type CheckpointState } from '../sync/checkpoint.ts';
import type { StreamOutcome } from '../sync/outcome.ts';
import type { Breakers, Checkpoints } from '../sync/ports.ts';
import { comingInWords, comingTry, type ComingTry } from './coming-try.ts';
import { ofDeployments, positionInWords, type TickSource } from './words.ts';

/** What a stream is doing, as far as it is stored. Times are ISO 8601 in UTC. */
export interface StreamStatus {
  readonly stream: string;
  /** `new`: has never run. */
  readonly state: CheckpointState | 'new';
  readonly outcome: StreamOutcome | null;
  readonly outcomeAt: string | null;
  readonly reason: string | null;
  readonly lastStatus: number | null;
  /** Offset or cursor of the next page; null at the beginning, during a sweep, and when no run is open. */
  readonly position: number | string | null;
  /** The same in words, which hold no cursor and no id; null when no run is open. */
  readonly goesOnAt: string | null;
  /** The step of time that a run which is read by time stands in; null where it stands in none. */
  readonly window: { readonly since: string; readonly until: string } | null;
  /** Tries of the page at `position` so far, with the one that is under way. */
  readonly attempt: number;
  /** Of the open run, or the last one. */
  readonly run: {
    readonly startedAt: string;
    readonly pages: number;
    readonly records: number;
    readonly written: number;
    readonly unchanged: number;
    readonly deleted: number;
  } | null;
  readonly completedAt: string | null;
  /** The open run, or the last one, walks what has changed since then alone; null where it walks all. */
  readonly changesSince: string | null;
  /**
   * Of a stream that is walked by what has changed: when the last whole walk began that vouches for every row, and when the next one
   * is due; null without one, then the next run is one.
   */
  readonly wholeWalk: { readonly at: string; readonly dueAt: string } | null;
  /** When the last tick that was acted on was due. */
  readonly lastTickAt: string | null;
  /** Until when nothing is tried; null if nothing is being waited for. */
  readonly waitingUntil: string | null;
  readonly haltedSince: string | null;
  readonly haltedFor: StreamOutcome | null;
  /** Since when the tries of its page are spent; null if they are not. */
  readonly givenUpSince: string | null;
  /** What is to be tried again, though it stood still, and has not been yet; null if nothing is. */
  readonly coming: ComingStatus | null;
  /** Looking for what the vendor does not give any more, after its last page. */
  readonly sweeping: boolean;
  /**
   * Fields that were requested and that no row of the last whole run had: they may be empty in every row, or the key may not
   * see them. Null where there are no fields to choose, or there was no such run.
   */
  readonly fieldsNotGiven: readonly string[] | null;
  /** Fields of the categories that come no more, for which nothing is written; null if there are none. */
  readonly fieldsAwaited: readonly string[] | null;
  /** Deletions that wait for a person; null if none do. */
  readonly heldDeletions: {
    readonly rows: number;
    readonly of: number;
    readonly since: string;
    /** So many a person has allowed the next run. */
    readonly allowed: number | null;
    /** Until when; null without an end. */
    readonly allowedUntil: string | null;
  } | null;
}

/** As `ComingTry`. */
export type ComingStatus =
  | { readonly kind: 'resumed'; readonly at: string; readonly by: string | null; readonly words: string }
  | { readonly kind: 'key'; readonly words: string };

export interface ConnectionStatus {
  readonly connection: string;
  /** `open`: the key was refused and nothing is called; `half-open`: one page tries it again. */
  readonly key: Breaker['state'];
  readonly refusedSince: string | null;
  /** While nothing of it pages; null if all pages are sent. */
  readonly muted: MuteStatus | null;
}

export interface MuteStatus {
  readonly since: string;
  readonly until: string;
  readonly why: string;
  readonly by: string;
}

export interface Status {
  readonly connections: readonly ConnectionStatus[];
  readonly streams: readonly StreamStatus[];
}

export interface StatusPorts {
  readonly checkpoints: Pick<Checkpoints, 'readAll'>;
  readonly breakers: Pick<Breakers, 'read'>;
  readonly mutes: Pick<Mutes, 'read'>;
}

/** @param streams in the order of the answer. @param now epoch milliseconds */
export async function readStatus(
  streams: readonly string[],
  ports: StatusPorts,
  now: number,
  tickSource = ofDeployments,
): Promise<Status> {
  const names = [...new Set(streams.map(connectionOf))];
  const [checkpoints, breakers, mutes] = await Promise.all([
    ports.checkpoints.readAll(streams),
    Promise.all(names.map((name) => ports.breakers.read(name))),
    Promise.all(names.map((name) => ports.mutes.read(name))),
  ]);
  return {
    connections: breakers.map((breaker, index) =>
      connectionStatus(breaker, inForce(mutes[index] ?? null, now)),
    ),
    streams: streams.map((stream) => {
      const checkpoint = checkpoints.get(stream);
      const breaker = breakers.find(({ connection }) => connection === connectionOf(stream));
      const coming = checkpoint && breaker && comingTry(checkpoint, breaker, { ...tickSource, now });
      return {
        ...streamStatus(stream, checkpoint),
        coming: coming ? comingStatus(coming, tickSource) : null,
      };
    }),
  };
}

function comingStatus(coming: ComingTry, tickSource: TickSource): ComingStatus {
  const words = comingInWords(coming, tickSource);
  return coming.kind === 'key'
    ? { kind: 'key', words }
    : { kind: 'resumed', at: isoOf(coming.at), by: time(coming.by), words };
}

export function streamStatus(stream: string, checkpoint: Checkpoint | undefined): StreamStatus {
  if (checkpoint === undefined || (checkpoint.state === 'idle' && hasNeverRun(checkpoint))) {
    return { ...nothingYet, stream };
  }
  const { state, progress } = checkpoint;
  const halt = isHalted(checkpoint) ? checkpoint.halt : null;
  return {
    stream,
    state,
    outcome: checkpoint.outcome,
    outcomeAt: time(checkpoint.outcomeAt),
    reason: checkpoint.reason,
    lastStatus: checkpoint.lastStatus,
    position: openPosition(checkpoint),
    goesOnAt: checkpoint.run === null ? null : positionInWords(checkpoint.position),
    window: windowOf(checkpoint),
    attempt: checkpoint.attempt,
    run: progress === null ? null : runStatus(progress),
    completedAt: time(checkpoint.completedAt),
    changesSince: time(progress?.changesSince ?? null),
    wholeWalk: wholeWalkOf(checkpoint),
    lastTickAt: time(checkpoint.lastTick),
    waitingUntil: state === 'running' || state === 'parked' ? time(checkpoint.retryAt) : null,
    haltedSince: time(halt?.at ?? null),
    haltedFor: halt?.outcome ?? null,
    givenUpSince: state === 'exhausted' ? time(checkpoint.stopped?.since ?? checkpoint.outcomeAt) : null,
    coming: null,
    sweeping: checkpoint.position?.kind === 'sweep',
    fieldsNotGiven: checkpoint.coverage?.absent ?? null,
    fieldsAwaited: checkpoint.coverage?.withheld.length ? checkpoint.coverage.withheld : null,
    heldDeletions: heldStatus(checkpoint),
  };
}

function wholeWalkOf({ readUntil }: Checkpoint): StreamStatus['wholeWalk'] {
  const whole = readUntil?.whole;
  return whole === undefined ? null : { at: isoOf(whole.at), dueAt: isoOf(whole.nextAt) };
}

function windowOf({ run, position }: Checkpoint): StreamStatus['window'] {
  if (run === null || position?.kind !== 'part' || position.part.kind !== 'slice') return null;
  const { window } = position.part;
  return window && { since: isoOf(window.since), until: isoOf(window.until) };
}

/** Where an open run goes on, as a plain value; null at the beginning, and when no run is open. */
export function openPosition({ state, position }: Checkpoint): number | string | null {
  return state === 'idle' ? null : plainPosition(position);
}

function plainPosition(position: Position | null): number | string | null {
  if (position === null) return null;
  switch (position.kind) {
    case 'offset':
    case 'steps':
      return position.offset;
    case 'cursor':
      return position.cursor;
    case 'part':
      return plainPosition(position.walk);
    case 'keyset':
    case 'answer':
    case 'file':
    case 'sweep':
      // Where it stands is the id of a record: personal data.
      return null;
  }
}

function runStatus(progress: NonNullable<Checkpoint['progress']>): NonNullable<StreamStatus['run']> {
  const { startedAt, pages, records, written, unchanged, deleted } = progress;
  return { startedAt: new Date(startedAt).toISOString(), pages, records, written, unchanged, deleted };
}

function heldStatus({ heldDeletions, allowed, allowedUntil }: Checkpoint): StreamStatus['heldDeletions'] {
  if (heldDeletions === null) return null;
  const { rows, of, since } = heldDeletions;
  return { rows, of, since: new Date(since).toISOString(), allowed, allowedUntil: time(allowedUntil) };
}

function connectionStatus({ connection, state, openedAt }: Breaker, mute: Mute | null): ConnectionStatus {
  return {
    connection,
    key: state,
    refusedSince: state === 'closed' ? null : time(openedAt),
    muted: mute && { since: isoOf(mute.since), until: isoOf(mute.until), why: mute.why, by: mute.by },
  };
}

function time(ms: number | null): string | null {
  return ms === null ? null : isoOf(ms);
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

const nothingYet: Omit<StreamStatus, 'stream'> = {
  state: 'new',
  outcome: null,
  outcomeAt: null,
  reason: null,
  lastStatus: null,
  position: null,
  goesOnAt: null,
  window: null,
  attempt: 0,
  run: null,
  completedAt: null,
  changesSince: null,
  wholeWalk: null,
  lastTickAt: null,
  waitingUntil: null,
  haltedSince: null,
  haltedFor: null,
  givenUpSince: null,
  coming: null,
  sweeping: false,
  fieldsNotGiven: null,
  fieldsAwaited: null,
  heldDeletions: null,
};
