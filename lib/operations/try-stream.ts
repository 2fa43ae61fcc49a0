import { credentialTexts, sentOf } from '../connectors/build-request.ts';
import type { Connector } from '../connectors/connector.ts';
import { formatStreamName } from '../connectors/stream-name.ts';
import type { PagePosition, Position } from '../paging/position.ts';
import { namedWait } from '../retry/named-wait.ts';
import { rateLimitSeen, type RateLimitSeen } from '../retry/rate-limit.ts';
import { isClaimed, newCheckpoint, type Checkpoint, type Claimed } from '../sync/checkpoint.ts';
import { definitionHash } from '../sync/definition-hash.ts';
import type { PageRequest } from '../sync/message.ts';
import { firstPage } from '../sync/parts.ts';
import type { Clock, Secret, Vendor, VendorAnswer, VendorRequest } from '../sync/ports.ts';
import { readAnswerFor, type Reading } from '../sync/read-answer.ts';
import type { PageReport } from '../sync/report.ts';
import {
  limitsOf,
  nothingChosen,
  streamDefaults,
  type Stream,
  type StreamSettings,
} from '../sync/settings.ts';
import { syncPage } from '../sync/sync-page.ts';
import { findingOf } from './check.ts';
import { tryAccount } from './try-account.ts';

export interface TryOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** The fields of the secret. */
  readonly secret: Readonly<Record<string, string>>;
  readonly vendor: Vendor;
  readonly clock: Clock;
  /** Ids in place of the records of another stream, for a stream that is requested by them. */
  readonly parents: readonly string[];
  /** The vendor is called so many times and never more often. */
  readonly calls: number;
}

/** One call, and what the sync makes of its answer. */
export interface TriedPage {
  /** Counts the calls from 1. */
  readonly number: number;
  /** With `***` in place of each credential. */
  readonly request: VendorRequest;
  readonly answer: VendorAnswer;
  /** How long the answer took, in milliseconds. */
  readonly ms: number;
  readonly limit: RateLimitSeen | null;
  /** The wait that the vendor named, in milliseconds. */
  readonly namedWait: number | null;
  readonly position: PagePosition | null;
  readonly reading: Reading;
  readonly report: PageReport;
  /** Where the next page starts; null where none follows. */
  readonly next: Position | null;
  /** What is at fault and what to do, in one sentence; null where nothing is. */
  readonly fault: string | null;
}

export type TryEnd =
  /** The walk has come to the end of the list: what the run would be called, and why if not `complete`. */
  | { readonly kind: 'end'; readonly outcome: string; readonly reason: string | null }
  /** As many calls have been made as were allowed, and the walk would go on. */
  | { readonly kind: 'calls' }
  /** The vendor's answer stops it, or makes it wait. */
  | { readonly kind: 'fault'; readonly sentence: string }
  /** Nothing could be requested. */
  | { readonly kind: 'nothing'; readonly sentence: string };

export interface Tried {
  readonly pages: readonly TriedPage[];
  readonly end: TryEnd;
}

/** A stream as an empty configuration would make it. */
export function streamToTry(
  connector: Connector,
  name: string,
  chosen: Partial<StreamSettings> = {},
): Stream {
  const definition = connector.streams[name];
  if (definition === undefined) throw new Error(`${connector.title} has no stream ${name}`);
  return {
    name: formatStreamName({ connection: connector.name, stream: name }),
    connection: connector.name,
    ...{ connector, definition },
    settings: { ...streamDefaults(definition), ...chosen },
    ...limitsOf(connector.name, connector, definition, nothingChosen),
    // Nobody waits for it: long enough for any answer that is read, and too short for a run to be given up.
    ...{
      gapSeconds: 3600,
      freshnessMs: 3_600_000,
      pageAfterMs: 3_600_000,
      leaseMs: 3_600_000,
      visibilityMs: 3_600_000,
    },
  };
}

/** Pages in a row for which nothing is requested: a parent that cannot stand in a path, and the like. */
const maxIdle = 100;

/**
 * Walks a stream as the sync does, by the same code, for as many calls as are said; nothing is stored, and a failure is not tried
 * again. It waits only for a file that the vendor is writing. A stream with windows begins with the newest one, unless its settings
 * say where its history begins.
 */
export async function tryStream(stream: Stream, options: TryOptions, signal: AbortSignal): Promise<Tried> {
  const { baseUrl, clock, parents, calls } = options;
  const secret: Secret = { version: 'of a try', fields: options.secret };
  const exchanges: { readonly sent: VendorRequest; readonly answer: VendorAnswer; readonly ms: number }[] =
    [];
  const vendor: Vendor = {
    async call(request, given) {
      const began = clock.now();
      const answer = await options.vendor.call(request, given);
      exchanges.push({ sent: request, answer, ms: clock.now() - began });
      return answer;
    },
  };
  const account = tryAccount({ stream, baseUrl, secret, vendor, clock, parents });
  let claimed: Claimed | null = null;
  const checkpoints = {
    ...account.checkpoints,
    async replace(next: Checkpoint) {
      const stored = await account.checkpoints.replace(next);
      if (stored !== undefined && isClaimed(stored)) claimed = stored;
      return stored;
    },
  };
  const deps = { ...account, checkpoints };
  await checkpoints.replace(beginningOf(stream, clock.now()));

  const pages: TriedPage[] = [];
  let request: PageRequest = { kind: 'tick', stream: stream.name, scheduledAt: clock.now() };
  for (let idle = 0; pages.length < calls;) {
    const report = await syncPage(request, deps, signal);
    signal.throwIfAborted();
    const checkpoint = (await checkpoints.read(stream.name)) ?? newCheckpoint(stream.name);
    const made = exchanges[pages.length];
    const before = claimed as Claimed | null;
    if (made !== undefined && before !== null) {
      const position = await positionOf(before, stream, deps, signal);
      const sent = sentOf(made.sent, baseUrl, stream.connector, secret.fields);
      const reading = readAnswerFor(made.answer, { ...before, position }, { stream, secret }, sent);
      const next = checkpoint.position?.kind === 'sweep' ? null : checkpoint.position;
      pages.push({
        ...{ number: pages.length + 1, position, reading, report, next },
        ...{
          request: withoutCredentials(made.sent, stream.connector, secret.fields),
          answer: made.answer,
          ms: made.ms,
        },
        ...limitIn(made.answer),
        fault: faultIn(reading, report, stream.connector),
      });
      idle = 0;
    } else if ((idle += 1) > maxIdle) {
      return {
        pages,
        end: { kind: 'nothing', sentence: `Nothing is requested: ${report.reason ?? 'no reason is given'}.` },
      };
    }
    const end = endOf(checkpoint, report, pages);
    if (end !== null) return { pages, end };
    const wait = (checkpoint.retryAt ?? 0) - clock.now();
    if (wait > 0 && pages.length < calls) await clock.sleep(wait, signal);
    const { name: streamName } = stream;
    request = {
      kind: 'message',
      message: { v: 1, stream: streamName, run: checkpoint.run ?? '', sequence: checkpoint.sequence },
    };
  }
  return { pages, end: { kind: 'calls' } };
}

/** Read up to now, as far as its settings do not say otherwise: the newest window shows most. */
function beginningOf(stream: Stream, now: number): Checkpoint {
  const beginning = newCheckpoint(stream.name);
  const isRead = stream.definition.windows !== undefined && stream.settings.historyFrom === null;
  return isRead ? { ...beginning, readUntil: { at: now, definition: definitionHash(stream) } } : beginning;
}

async function positionOf(
  before: Claimed,
  stream: Stream,
  deps: ReturnType<typeof tryAccount>,
  signal: AbortSignal,
): Promise<PagePosition | null> {
  const { position } = before;
  if (position !== null) return position.kind === 'sweep' ? null : position;
  const first = await firstPage(before, { stream, deps, signal }, null);
  return first.kind === 'at' ? first.position : null;
}

function endOf(checkpoint: Checkpoint, report: PageReport, pages: readonly TriedPage[]): TryEnd | null {
  const fault = pages.at(-1)?.fault ?? null;
  if (fault !== null) return { kind: 'fault', sentence: fault };
  if (report.requests === 1 && checkpoint.position?.kind === 'sweep') {
    return { kind: 'end', outcome: 'complete', reason: report.reason };
  }
  if (checkpoint.run !== null) return null;
  if (pages.length === 0) {
    const why = report.reason ?? 'the stream that its rows are requested by has no record';
    return { kind: 'nothing', sentence: `Nothing is requested: ${why}. Give ids with --parent.` };
  }
  return { kind: 'end', outcome: checkpoint.outcome ?? 'complete', reason: checkpoint.reason };
}

/** In the words of `check`; of a page that the walk cannot go on from, its own. */
function faultIn(
  reading: Reading,
  { outcome, reason, streamOutcome }: PageReport,
  connector: Connector,
): string | null {
  if (reading.kind === 'transient' || reading.kind === 'final') {
    if (outcome === 'fetched') return null;
    const { words } = findingOf(reading, false, connector);
    return sentence(words);
  }
  if (outcome === 'fetched' || outcome === 'refused') return null;
  const advice =
    streamOutcome === 'looping'
      ? '. Check that paging names the parameters and the place of the next page as the vendor has them'
      : '';
  return sentence(`${reason ?? outcome}${advice}`);
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, '')}.`;
}

function limitIn(answer: VendorAnswer): Pick<TriedPage, 'limit' | 'namedWait'> {
  if (answer.kind !== 'answered') return { limit: null, namedWait: null };
  const { status, headers, receivedAt } = answer;
  const seen = rateLimitSeen(headers, receivedAt);
  const isSaid = seen.limit !== null || seen.window !== null;
  return { limit: isSaid ? seen : null, namedWait: namedWait(status, headers, receivedAt).ms };
}

/** The request as it can be shown, wherever in it a credential stands, and however it is written there. */
function withoutCredentials(
  { method, url, headers, body, secretQuery = {} }: VendorRequest,
  connector: Connector,
  secret: Readonly<Record<string, string>>,
): VendorRequest {
  const texts = credentialTexts(connector, secret).filter((text) => text !== '');
  const forms = texts.flatMap((text) => [
    text,
    encodeURIComponent(text),
    new URLSearchParams({ '': text }).toString().slice(1),
    JSON.stringify(text).slice(1, -1),
  ]);
  const longestFirst = [...new Set(forms)].sort((a, b) => b.length - a.length);
  const hide = (text: string): string =>
    longestFirst.reduce((shown, form) => shown.replaceAll(form, '***'), text);
  const signed = new URL(url);
  for (const name of Object.keys(secretQuery)) signed.searchParams.set(name, '***');
  return {
    ...{ method, url: hide(signed.href) },
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, hide(value)])),
    body: body === null ? null : hide(body),
  };
}
