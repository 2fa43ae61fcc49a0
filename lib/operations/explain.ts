import { startCommand } from './words.ts';
import { connectionOf } from '../connectors/stream-name.ts';
import { newCheckpoint, type Checkpoint } from '../sync/checkpoint.ts';
import type { HistoryEvent } from '../sync/checkpoint.ts';
import { inForce, type Mutes } from '../on-call/mute.ts';
import type { Breakers, Checkpoints, Schemas } from '../sync/ports.ts';
import { withheldCategories } from '../sync/field-access.ts';
import { newsOf, type SchemaNews } from './schema-news.ts';
import { comingInWords, comingTry } from './coming-try.ts';
import {
  clockInWords,
  duration,
  haltInWords,
  outcomeInWords,
  positionInWords,
  roughly,
  whenDue,
  type TickSource,
} from './words.ts';

/** The last runs of a stream, from what is stored. Sentences tell times from now on; what is not in a sentence is ISO 8601 in UTC. */
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
  /** The same in steps, each with what is to be typed for it. */
  readonly steps: readonly Step[];
  /** When that happens: the tick, the try, or the end of the page that is under way; null where no time is known. */
  readonly nextAt: string | null;
  /** Null if it is not halted. */
  readonly haltedSince: string | null;
}

export interface Step {
  readonly words: string;
  readonly command: string | null;
}

/** What happens next, and when, in epoch milliseconds. */
export interface Next {
  readonly steps: readonly Step[];
  readonly at: number | null;
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
  /** A new key can be given to what runs there; else only to its next start. */
  readonly takesKey: boolean;
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
        : {
            steps: [
              step(
                `It is to be tried again at ${positionInWords(checkpoint.position)}: ${comingInWords(coming, carriers)}.`,
              ),
            ],
            at: coming.kind === 'resumed' ? coming.by : null,
          };
  const schemaNews = newsOf((await ports.schemas.readAll([stream])).get(stream), carriers.now);
  const mute = inForce(await ports.mutes.read(connectionOf(stream)), carriers.now);
  const muted = mute && `muted until ${clockInWords(mute.until, carriers.now)} by ${mute.by}: ${mute.why}`;
  return {
    ...{ stream, runs: runsOf(checkpoint.history), fields: fieldsOf(checkpoint), schemaNews, muted },
    next: stepsInWords(next.steps),
    steps: next.steps,
    nextAt: next.at === null ? null : iso(next.at),
    haltedSince: checkpoint.state === 'halted' && checkpoint.halt !== null ? iso(checkpoint.halt.at) : null,
  };
}

/** Pure. */
export function stepsInWords(steps: readonly Step[]): string {
  return steps.map(({ words, command }) => (command === null ? words : `${words} ${command}`)).join(' ');
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
  const often = times === 1 ? '' : `, ${times} times within ${duration(until - at)}`;
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
export function whatNext(checkpoint: Checkpoint, carriers: Carriers): Next {
  const { stream, state, run, position, retryAt, lease, reason, halt, revision } = checkpoint;
  const { now, nextTick, where } = carriers;
  const tick = tickOf(carriers);
  const why = reason === null ? '' : ` (${reason})`;
  const place = positionInWords(position);
  const resume = `npx pagekeeper resume ${stream}${where}`;
  const wait = retryAt !== null && retryAt > now ? { at: retryAt, left: duration(retryAt - now) } : null;
  switch (state) {
    case 'idle': {
      const words =
        revision === 0 ? `It has never run. It starts with ${tick}.` : `It starts anew with ${tick}.`;
      return { steps: [step(words), ...ofAwaited(checkpoint, where)], at: nextTick };
    }
    case 'running':
      if (lease !== null && lease.until > now) {
        const left = duration(lease.until - now);
        const words = `A page is under way at ${place}; it is given up after ${left} at the latest, and tried again.`;
        return { steps: [step(words)], at: lease.until };
      }
      return wait !== null
        ? { steps: [step(`The page at ${place} is tried again in ${wait.left}${why}.`)], at: wait.at }
        : {
            steps: [step(`Its run goes on at ${place}: by its message now, or with ${tick}.`)],
            at: nextTick,
          };
    case 'parked':
      return wait !== null
        ? {
            steps: [
              step(`It waits another ${wait.left}${why}; the watchdog then lets it go on at ${place}.`),
            ],
            at: wait.at,
          }
        : { steps: [step(`It goes on at ${place} ${whenDue({ ...carriers, tick })}.`)], at: nextTick };
    case 'exhausted': {
      const words = `Its tries are spent${why}. ${ofProbe(place, carriers)}; at once:`;
      return {
        steps: [step(words, `npx pagekeeper run ${stream}${where}`)],
        at: carriers.watched ? null : nextTick,
      };
    }
    case 'halted': {
      const since = roughly(now - (halt?.at ?? now));
      const words = `It has made no call for ${since}: ${haltInWords(checkpoint)}${why}. Fix that, then:`;
      return { steps: [step(words, resume)], at: null };
    }
    case 'paused': {
      const then = run === null ? 'It starts anew' : `It goes on at ${place}`;
      return { steps: [step(`A person has paused it. ${then} after:`, resume)], at: null };
    }
  }
}

function step(words: string, command: string | null = null): Step {
  return { words, command };
}

/** @param place where the run stands, in words */
function ofProbe(place: string, carriers: Carriers): string {
  return carriers.watched
    ? `One page of all that share its limit asks again, after pauses of 30 s to 5 min; it goes on at ${place} when that is answered`
    : `It goes on at ${place} with ${tickOf(carriers)}`;
}

function ofAwaited(checkpoint: Checkpoint, where: string): readonly Step[] {
  const categories = withheldCategories(checkpoint);
  if (categories.length === 0) return [];
  const words = `It writes nothing as long as nothing of ${categories.join(', ')} comes. Only if that is right:`;
  return [step(words, `npx pagekeeper allow-empty-fields ${checkpoint.stream}${where}`)];
}

function ofRefusedKey(connection: string, { where, takesKey }: Carriers): Next {
  const refused = `The vendor refused the key of ${connection}: nothing is called until`;
  const fix = `npx pagekeeper fix ${connection}${where}`;
  const resume = `npx pagekeeper resume ${connection}${where}`;
  const steps = takesKey
    ? [step(`${refused} there is another one, or it is tried again:`, fix)]
    : [step(`${refused} ${startCommand} is given another one, or it is tried again:`, resume)];
  return { steps, at: null };
}

function tickOf({ nextTick, tick, now }: Carriers): string {
  return nextTick === null ? tick : `${tick}, due in ${roughly(nextTick - now)}`;
}

function counted(value: number, one: string): string {
  return `${value.toLocaleString('en-US')} ${one}${value === 1 ? '' : 's'}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
