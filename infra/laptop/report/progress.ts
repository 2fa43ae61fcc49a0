import { duration } from '../../../lib/operations/words.ts';
import { pageOutcomeFacts, standingOf, type StreamOutcome } from '../../../lib/sync/outcome.ts';
import type { PageReport } from '../../../lib/sync/report.ts';
import { oneLine } from '../../terminal/words.ts';
import type { LocalEvent } from '../run/local-run.ts';

/** What this process has done for one stream so far. */
export interface StreamCounts {
  readonly stream: string;
  /** Answered well. */
  readonly pages: number;
  readonly requests: number;
  /** After a failure of the vendor's; a refusal by our own limiter is none. */
  readonly redrives: number;
  readonly records: number;
  readonly written: number;
  readonly unchanged: number;
  /** Records that became tombstones. */
  readonly deleted: number;
}

/** With what is known of it now. */
export interface StreamProgress extends StreamCounts {
  readonly phase: Phase;
  /** The run that was last heard of, and what had been counted before it. */
  readonly run: string | null;
  readonly beforeRun: RunCounts;
}

export type RunCounts = Pick<StreamCounts, 'pages' | 'records' | 'written' | 'unchanged' | 'deleted'>;

/** What was counted of the run that was last heard of. */
export function ofThisRun({ beforeRun, ...now }: StreamProgress): RunCounts {
  return {
    pages: now.pages - beforeRun.pages,
    records: now.records - beforeRun.records,
    written: now.written - beforeRun.written,
    unchanged: now.unchanged - beforeRun.unchanged,
    deleted: now.deleted - beforeRun.deleted,
  };
}

export type Phase =
  /** Its tick has not been answered yet. */
  | { readonly kind: 'new' }
  /** @property sweeping it looks for records that the vendor does not give any more */
  | { readonly kind: 'going'; readonly sweeping: boolean }
  /** @property until epoch milliseconds */
  | { readonly kind: 'waiting'; readonly why: string; readonly until: number }
  | { readonly kind: 'ended'; readonly outcome: StreamOutcome; readonly why: string | null };

/** Why a stream stands still at the start of a run that follows a killed one. */
const leaseWait = 'waits for the lease of a killed run';

export interface Progress {
  /** In the order of the stack. */
  readonly streams: ReadonlyMap<string, StreamProgress>;
  /** Names of the alarms that are in ALARM now. */
  readonly alarms: ReadonlySet<string>;
  /** What has been written into the change log; null where there is none. */
  readonly changes: ChangeLogCounts | null;
  /** How many have been sent, by detail-type. */
  readonly events: ReadonlyMap<string, number>;
}

export interface ChangeLogCounts {
  readonly lines: number;
  readonly objects: number;
}

export function newProgress(streams: readonly string[]): Progress {
  return {
    streams: new Map(streams.map((stream) => [stream, newStream(stream)])),
    alarms: new Set(),
    changes: null,
    events: new Map(),
  };
}

/** Pure: there is a change log, whether or not anything is ever written into it. */
export function withChangeLog(progress: Progress): Progress {
  return { ...progress, changes: progress.changes ?? { lines: 0, objects: 0 } };
}

function newStream(stream: string): StreamProgress {
  const none = { pages: 0, records: 0, written: 0, unchanged: 0, deleted: 0 };
  return { stream, requests: 0, redrives: 0, ...none, phase: { kind: 'new' }, run: null, beforeRun: none };
}

/** Pure: what is known after one more event. Streams that were not selected are left out. */
export function advance(progress: Progress, event: LocalEvent): Progress {
  switch (event.kind) {
    case 'report':
      return withStream(progress, event.report.stream, (before) => counted(before, event.report));
    case 'waiting-for-lease':
      return withStream(progress, event.stream, (before) => ({
        ...before,
        phase: { kind: 'waiting', why: leaseWait, until: event.until },
      }));
    case 'alarm': {
      const alarms = new Set(progress.alarms);
      if (event.state === 'ALARM') alarms.add(event.name);
      else alarms.delete(event.name);
      return { ...progress, alarms };
    }
    case 'published': {
      const { lines, objects } = progress.changes ?? { lines: 0, objects: 0 };
      const more = event.objects.reduce((sum, object) => sum + object.lines, 0);
      return { ...progress, changes: { lines: lines + more, objects: objects + event.objects.length } };
    }
    case 'event': {
      const type = event.event['detail-type'];
      const sent = progress.events.get(type) ?? 0;
      return { ...progress, events: new Map(progress.events).set(type, sent + 1) };
    }
    case 'message':
    case 'function-failed':
    case 'log':
      return progress;
  }
}

/** The streams of which nothing has been seen: their ticks have not been answered. */
export function notLookedAt({ streams }: Progress): ReadonlySet<string> {
  return new Set(
    [...streams.values()].filter(({ phase }) => phase.kind === 'new').map(({ stream }) => stream),
  );
}

function withStream(
  progress: Progress,
  stream: string,
  change: (before: StreamProgress) => StreamProgress,
): Progress {
  const before = progress.streams.get(stream);
  if (before === undefined) return progress;
  return { ...progress, streams: new Map(progress.streams).set(stream, change(before)) };
}

function counted(before: StreamProgress, report: PageReport): StreamProgress {
  const { pages, records, written, unchanged, deleted } = before;
  const isNewRun = report.run !== null && report.run !== before.run;
  return {
    run: report.run ?? before.run,
    beforeRun: isNewRun ? { pages, records, written, unchanged, deleted } : before.beforeRun,
    stream: before.stream,
    // A sweep asks for no page.
    pages: before.pages + (report.outcome === 'fetched' ? report.requests : 0),
    requests: before.requests + report.requests,
    redrives: before.redrives + (isRedrive(report) ? 1 : 0),
    records: before.records + report.records,
    written: before.written + report.written,
    unchanged: before.unchanged + report.unchanged,
    deleted: before.deleted + report.deleted,
    phase: phaseAfter(before.phase, report),
  };
}

/** It looked through a part of what is stored; the vendor was not asked. */
export function isSweep({ outcome, requests }: PageReport): boolean {
  return outcome === 'fetched' && requests === 0;
}

export function isRedrive(report: PageReport): boolean {
  const { outcome, next } = report;
  return outcome === 'deferred' && (next === 'redrive' || next === 'parked') && !isGivenUp(report);
}

/** Its message may come again to probe: it has ended all the same. */
export function isGivenUp({ streamOutcome }: PageReport): boolean {
  return streamOutcome !== null && standingOf[streamOutcome] === 'given up';
}

function phaseAfter(before: Phase, report: PageReport): Phase {
  const { next, retryAt, streamOutcome, reason } = report;
  if (next === 'continue') return { kind: 'going', sweeping: isSweep(report) };
  if ((next === 'redrive' || next === 'parked') && retryAt !== null && !isGivenUp(report)) {
    return { kind: 'waiting', why: reasonOf(report), until: retryAt };
  }
  // A message or a tick that came too late says nothing of the one that carries the stream.
  if (!pageOutcomeFacts[report.outcome].saysOfStream || streamOutcome === null) return before;
  if (streamOutcome === 'running' || streamOutcome === 'waiting') {
    return retryAt === null
      ? { kind: 'going', sweeping: isSweep(report) }
      : { kind: 'waiting', why: reasonOf(report), until: retryAt };
  }
  return { kind: 'ended', outcome: streamOutcome, why: streamOutcome === 'complete' ? null : reason };
}

/** `HTTP 429, again in 3 s` */
export function waitInWords({ why, until }: Extract<Phase, { kind: 'waiting' }>, now: number): string {
  if (until <= now) return `${oneLine(why)}, again now`;
  return why === leaseWait
    ? `${why}, ${duration(until - now)}`
    : `${oneLine(why)}, again in ${duration(until - now)}`;
}

export function reasonOf({ reason, status, outcome }: PageReport): string {
  return reason ?? (status === null ? outcome : `HTTP ${String(status)}`);
}
