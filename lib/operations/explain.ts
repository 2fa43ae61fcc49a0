import { connectionOf } from '../connectors/stream-name.ts';
import { newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import type { HistoryEvent } from '../sync/checkpoint.ts';
import { inForce, type Mutes } from '../on-call/mute.ts';
import type { Breakers, Checkpoints, Schemas } from '../sync/ports.ts';
import { withheldCategories } from '../sync/field-access.ts';
import { newsOf, type SchemaNews } from './schema-news.ts';
import { comingInWords, comingTry } from './coming-try.ts';
import { untilInWords } from './mute.ts';
import { haltInWords, outcomeInWords, positionInWords, whenDue, type TickSource } from './words.ts';

/** The last runs of a stream, in words, from what is stored. Times are ISO 8601 in UTC. */
export interface Explanation {
  readonly stream: string;
  /** Oldest first. */
  readonly runs: readonly RunStory[];
  /** Of the requested fields, those that no row has or that the key may not see; null where all of them come. */
  readonly fields: string | null;
  /** What has changed of the fields of its rows in the last seven days, oldest first. */
  readonly schemaNews: readonly SchemaNews[];
  /** Until when, why and by whom nothing of its connection pages; null if all pages are sent. */
  readonly muted: string | null;
  /** What stands in the way, if anything does, and what happens next and when. */
  readonly next: string;
}

export interface RunStory {
  readonly began: string;
  readonly events: readonly EventStory[];
}

export interface EventStory extends Omit<HistoryEvent, 'began' | 'at' | 'until'> {
  readonly at: string;
  readonly until: string;
  readonly sentence: string;
}

/** How a stream of this place is set going, for the sentences. */
export interface Carriers extends TickSource {
  readonly now: number;
  /** When the next tick is due, epoch milliseconds; null where that is not known. */
  readonly nextTick: number | null;
  /** Behind a proposed command: ` --stack NAME`. */
  readonly where: string;
  /** How another key is put in place, by connection, as a person types or says it. */
  readonly newKey: (connection: string) => string;
}

export interface ExplainPorts {
  readonly checkpoints: Pick<Checkpoints, 'read'>;
  readonly breakers: Pick<Breakers, 'read'>;
  readonly schemas: Pick<Schemas, 'readAll'>;
  readonly mutes: Pick<Mutes, 'read'>;
}

export async function explainStream(
  stream: string,
  ports: ExplainPorts,
  carriers: Carriers,
): Promise<Explanation> {
  const checkpoint = (await ports.checkpoints.read(stream)) ?? newCheckpoint(stream);
  const breaker = await ports.breakers.read(connectionOf(stream));
  const coming = comingTry(checkpoint, breaker, carriers);
  const next =
    breaker.state === 'open'
      ? ofRefusedKey(breaker.connection, carriers)
      : coming === null
        ? whatNext(checkpoint, carriers)
        : `It is to be tried again at ${positionInWords(checkpoint.position)}: ${comingInWords(coming, carriers)}.`;
  const schemaNews = newsOf((await ports.schemas.readAll([stream])).get(stream), carriers.now);
  const mute = inForce(await ports.mutes.read(connectionOf(stream)), carriers.now);
  const muted = mute && `muted until ${untilInWords(mute.until, carriers.now)} by ${mute.by}: ${mute.why}`;
  return { stream, runs: runsOf(checkpoint.history), fields: fieldsOf(checkpoint), schemaNews, muted, next };
}

function fieldsOf({ coverage }: Checkpoint): string | null {
  const absent = coverage?.absent ?? [];
  return absent.length === 0
    ? null
    : `It requests fields that no row of its last whole run had: ${absent.join(', ')}. They are empty in every row, or the key may not see them.`;
}

/** Pure. */
export function runsOf(history: readonly HistoryEvent[]): readonly RunStory[] {
  const runs = new Map<number, HistoryEvent[]>();
  for (const event of history) runs.set(event.began, [...(runs.get(event.began) ?? []), event]);
  return [...runs.entries()].map(([began, events]) => ({
    began: iso(began),
    events: events.map(({ what, status, reason, times, at, until, pages, written, deleted }) => {
      const event = { what, status, reason, times, pages, written, deleted };
      return { ...event, at: iso(at), until: iso(until), sentence: sentenceOf(event, at, until) };
    }),
  }));
}

function sentenceOf(
  { what, times, status, reason, pages, written, deleted }: Omit<HistoryEvent, 'began' | 'at' | 'until'>,
  at: number,
  until: number,
): string {
  const why = reason ?? (status === null || status === 200 ? null : `HTTP ${status}`);
  const because = why === null ? '' : ` (${why})`;
  const often = times === 1 ? '' : `, ${times} times between ${iso(at)} and ${iso(until)}`;
  const stored = `${counted(pages, 'page')} so far`;
  switch (what) {
    case 'running':
      return `under way: ${stored}, ${counted(written, 'record')} written${because}`;
    case 'complete':
    case 'partial':
    case 'suspicious':
    case 'drifted': {
      const gone = deleted === 0 ? '' : `, ${deleted} deleted`;
      return `${outcomeInWords(what)}: ${counted(pages, 'page')}, ${counted(written, 'record')} written${gone}${because}`;
    }
    default:
      return `${outcomeInWords(what)}${because}${often}; ${stored}`;
  }
}

/** Pure: what becomes of the stream by itself, or what a person has to do. */
export function whatNext(checkpoint: Checkpoint, carriers: Carriers): string {
  const { stream, state, run, position, retryAt, lease, reason, halt, revision } = checkpoint;
  const { now, where } = carriers;
  const tick = tickOf(carriers);
  const why = reason === null ? '' : ` (${reason})`;
  const at = positionInWords(position);
  switch (state) {
    case 'idle':
      return revision === 0
        ? `It has never run. It starts with ${tick}.`
        : `It starts anew with ${tick}.${ofAwaited(checkpoint, where)}`;
    case 'running':
      if (lease !== null && lease.until > now) {
        return `A page is under way at ${at}; it is given up at ${iso(lease.until)} at the latest, and tried again.`;
      }
      return retryAt !== null && retryAt > now
        ? `The page at ${at} is tried again at ${iso(retryAt)}${why}.`
        : `Its run goes on at ${at}: by its message now, or with ${tick}.`;
    case 'parked':
      return retryAt !== null && retryAt > now
        ? `It waits until ${iso(retryAt)}${why}; the watchdog then lets it go on at ${at}.`
        : `It goes on at ${at} ${whenDue({ ...carriers, tick })}.`;
    case 'exhausted':
      return `Its tries are spent${why}. ${ofProbe(at, carriers)}; at once: npx pagekeeper run ${stream}${where}`;
    case 'halted':
      return `It makes no call since ${iso(halt?.at ?? now)}: ${haltInWords(checkpoint)}${why}. Fix that, then: npx pagekeeper resume ${stream}${where}`;
    case 'paused': {
      const then = run === null ? 'It starts anew' : `It goes on at ${at}`;
      return `A person has paused it. ${then} after: npx pagekeeper resume ${stream}${where}`;
    }
  }
}

/** @param at the place where the run stands, in words */
function ofProbe(at: string, carriers: Carriers): string {
  return carriers.watched
    ? `One page of all that share its limit asks again, after pauses of 30 s to 5 min; it goes on at ${at} when that is answered`
    : `It goes on at ${at} with ${tickOf(carriers)}`;
}

function ofAwaited(checkpoint: Checkpoint, where: string): string {
  const categories = withheldCategories(checkpoint);
  return categories.length === 0
    ? ''
    : ` It writes nothing as long as nothing of ${categories.join(', ')} comes. Only if that is right: npx pagekeeper allow-empty-fields ${checkpoint.stream}${where}`;
}

function ofRefusedKey(connection: string, { where, newKey }: Carriers): string {
  return `The vendor refused the key of ${connection}: nothing is called until there is another one (${newKey(connection)}), or it is resumed: npx pagekeeper resume ${connection}${where}`;
}

function tickOf({ nextTick, tick }: Carriers): string {
  return nextTick === null ? tick : `${tick}, due at ${iso(nextTick)}`;
}

function counted(value: number, one: string): string {
  return `${value.toLocaleString('en-US')} ${one}${value === 1 ? '' : 's'}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
