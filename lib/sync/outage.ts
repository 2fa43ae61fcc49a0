import { spread, type Random } from '../retry/backoff.ts';
import type { Stream } from './settings.ts';

/**
 * The outage of one limit scope: it stands from the first stream whose tries are spent until an answer is good again. While it
 * stands one page asks the vendor after each pause, and all other pages whose tries are spent wait for what it finds. Pure. All
 * times are epoch milliseconds.
 */
export interface Outage {
  readonly limitScope: string;
  /** Counts the writes of this item; 0 is "not stored yet". Every write is conditional on it. */
  readonly revision: number;
  /** Null where none stands. */
  readonly since: number | null;
  /** How long the pause before `nextAt` is, in milliseconds. */
  readonly pauseMs: number;
  /** No probe before it. Whoever probes moves it on before the call, so that one that is killed is no reason for another. */
  readonly nextAt: number;
  /** By connection: the stream whose message comes for the probe. A function can only send messages of its own connection. */
  readonly carriers: Readonly<Record<string, string>>;
}

export const firstPauseMs = 30_000;
export const maxPauseMs = 300_000;
const pauseGrowth = 1.5;

/** So long after the moment of a probe the page of another connection comes, to find what became of it. */
export const lookMs = 10_000;

export function newOutage(limitScope: string): Outage {
  return { limitScope, revision: 0, since: null, pauseMs: 0, nextAt: 0, carriers: {} };
}

/** Whose page it is. @property silenceMs a probe that is so late is lost */
export interface Prober {
  readonly connection: string;
  readonly stream: string;
  readonly silenceMs: number;
}

/** A message may be invisible for the queue's time-out, and a minute more covers what SQS and clocks add. */
export function silenceMsOf({ visibilityMs }: Pick<Stream, 'visibilityMs'>): number {
  return visibilityMs + 60_000;
}

export function proberOf(stream: Stream): Prober {
  return { connection: stream.connection, stream: stream.name, silenceMs: silenceMsOf(stream) };
}

/** Why a page is not requested whose tries are spent. */
export function waitingFor({ limitScope }: Pick<Stream, 'limitScope'>): string {
  return `its tries are spent, and one page of ${limitScope} at a time asks again`;
}

/** What to store, null if nothing has changed; and when the page's own message is to come back, null if it is not. */
export interface Joined {
  readonly next: Outage | null;
  readonly until: number | null;
}

function begun({ limitScope, revision }: Outage, { connection, stream }: Prober, now: number): Outage {
  const carriers = { [connection]: stream };
  return { limitScope, revision, since: now, pauseMs: firstPauseMs, nextAt: now, carriers };
}

/** Whether a probe will come by itself. */
export function isCarried({ since, nextAt }: Outage, silenceMs: number, now: number): boolean {
  return since !== null && now < nextAt + silenceMs;
}

/** The tries of a page are spent. */
export function joinedOutage(outage: Outage, page: Prober, now: number, random: Random): Joined {
  if (!isCarried(outage, page.silenceMs, now)) {
    const nextAt = now + spread(firstPauseMs, random);
    return { next: { ...begun(outage, page, now), nextAt }, until: nextAt };
  }
  const carrier = outage.carriers[page.connection];
  if (carrier === undefined) {
    return { next: carriedBy(outage, page), until: Math.max(outage.nextAt, now) + lookMs };
  }
  // A person has had it tried meanwhile.
  return carrier === page.stream ? pausedAnew(outage, now) : { next: null, until: null };
}

/** The pause counts from here. */
function pausedAnew(outage: Outage, now: number): { readonly next: Outage; readonly until: number } {
  const nextAt = Math.max(outage.nextAt, now + outage.pauseMs);
  return { next: { ...outage, nextAt }, until: nextAt };
}

/** May a page whose tries are spent probe now? `another`: the message of another stream of its connection comes for that. */
export type ProbeNow =
  { readonly kind: 'now' | 'another' } | { readonly kind: 'wait'; readonly until: number };

export function mayProbe(outage: Outage, { connection, stream }: Prober, now: number): ProbeNow {
  const { since, nextAt, carriers } = outage;
  if (since === null) return { kind: 'now' };
  if ((carriers[connection] ?? stream) !== stream) return { kind: 'another' };
  return now < nextAt ? { kind: 'wait', until: nextAt + lookMs } : { kind: 'now' };
}

/** The one call of this pause. @returns what to store before it, or until when to wait */
export function takenTurn(
  outage: Outage,
  page: Prober,
  now: number,
  random: Random,
): { readonly next: Outage; readonly until: null } | { readonly next: null; readonly until: number } {
  const { since, nextAt, pauseMs } = outage;
  if (since === null) {
    return { next: { ...begun(outage, page, now), nextAt: now + spread(firstPauseMs, random) }, until: null };
  }
  if (now < nextAt) return { next: null, until: nextAt + lookMs };
  const longer = Math.min(pauseMs * pauseGrowth, maxPauseMs);
  const taken = { ...carriedBy(outage, page), pauseMs: longer, nextAt: now + spread(longer, random) };
  return { next: taken, until: null };
}

/**
 * A probe has come to nothing: the next one is another stream's, for what is wrong may be wrong with this one alone. The pause
 * counts from here.
 *
 * @param successor of the same connection; the stream itself where no other waits
 */
export function failedProbe(
  outage: Outage,
  page: Prober,
  successor: string,
  now: number,
  random: Random,
): Joined {
  const { since, carriers } = outage;
  if (since === null) return joinedOutage(outage, page, now, random);
  // The watchdog took it for lost, and has sent another one.
  if ((carriers[page.connection] ?? page.stream) !== page.stream) return { next: null, until: null };
  return pausedAnew(carriedBy(outage, { ...page, stream: successor }), now);
}

/** The probe has not called, for the limit is closed or in use until then. @returns null if nothing changes */
export function postponedProbe(outage: Outage, until: number): Outage | null {
  return outage.since === null || until <= outage.nextAt ? null : { ...outage, nextAt: until };
}

/**
 * The stream that carried the probe does not wait any more, and that says nothing of the vendor.
 *
 * @param successor of the same connection; null where no stream of it waits
 * @returns what to store; null if another stream carries it
 */
export function leftOutage(outage: Outage, page: Prober, successor: string | null): Outage | null {
  const { [page.connection]: carrier, ...others } = outage.carriers;
  if (outage.since === null || carrier !== page.stream) return null;
  if (successor !== null) return carriedBy(outage, { ...page, stream: successor });
  return Object.keys(others).length === 0 ? endedOutage(outage) : { ...outage, carriers: others };
}

/** An answer was good. @returns null if none stands */
export function endedOutage({ since, limitScope, revision }: Outage): Outage | null {
  return since === null ? null : { ...newOutage(limitScope), revision };
}

/**
 * Whether the probe has been lost, or was never sent: its stream is not there, does not wait any more, or is long silent.
 *
 * @param waiting the streams of the connection whose tries are spent, at least one
 * @param silenceMs a probe that is so late is lost
 * @returns what to store, and the stream to send a message for; null if all is well
 */
export function revivedProbe(
  outage: Outage,
  connection: string,
  waiting: readonly string[],
  silenceMs: number,
  now: number,
): { readonly next: Outage; readonly stream: string } | null {
  const carrier = outage.carriers[connection];
  const isThere = carrier !== undefined && waiting.includes(carrier);
  if (isThere && isCarried(outage, silenceMs, now)) return null;
  const stream = successorOf(carrier ?? '', waiting);
  const page = { connection, stream, silenceMs };
  const next = outage.since === null ? begun(outage, page, now) : carriedBy(outage, page);
  return { next: { ...next, nextAt: Math.max(next.nextAt, now) }, stream };
}

/** The next one in the order of their names, and after the last one the first. @param waiting at least one */
export function successorOf(stream: string, waiting: readonly string[]): string {
  const names = [...waiting].sort();
  return names.find((name) => name > stream) ?? names[0] ?? stream;
}

function carriedBy(outage: Outage, { connection, stream }: Pick<Prober, 'connection' | 'stream'>): Outage {
  return { ...outage, carriers: { ...outage.carriers, [connection]: stream } };
}
