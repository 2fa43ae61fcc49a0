import type { Message } from '../../../lib/on-call/message.ts';
import type { Mute } from '../../../lib/on-call/mute.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import type { Telling } from '../draw-telling.ts';
import { fieldMark, rowMark, secretMark } from '../marks.ts';
import { readMessage, type MessageRead } from '../read-message.ts';
import type { Facts, Judge, ToldBy } from './judge.ts';
import { judgedKinds, type JudgedKind, type TroubleBook } from './trouble-book.ts';

const minute = 60_000;
/** For what calls, deliveries and invocations take. */
const slackMs = minute;
/** The watchdog tells, if nobody else does, what is older than 10 minutes; and what it has seen so long where nothing says since when. */
const withinMs = 15 * minute + slackMs;
const seenWithinMs = 20 * minute + slackMs;
/** Where nothing goes wrong with telling, what a write has stopped, or has let go on, is told without the watchdog. */
const soonMs = 5 * minute;
const stops: ReadonlySet<JudgedKind> = new Set(['unauthorized', 'missing', 'halted', 'exhausted']);
/** Who was made to fail is run again within so long. */
const retryMs = 5 * minute;
/** The longest that the teller takes: what failed it may have begun so much earlier. */
const longestMs = 180_000;

const marks = [rowMark, fieldMark, secretMark];

/** What people know. */
interface Known {
  readonly streams: Set<string>;
  isPage: boolean;
  /** When they were told last. */
  at: number;
  /** It failed about then: who was to write down that it was sent may not have done so, and then nobody tells its end. */
  isDoubtful: boolean;
}

type Told = Extract<MessageRead, { readonly what: 'begun' | 'joined' | 'over' }>;

/**
 * Invariant 15: no halt, exhaustion, staleness or end of one without a message to people; none twice for one state while the teller
 * works; no "over" before its time. Where telling fails, people hear of that.
 */
export class JudgeOfIncidents implements Judge {
  readonly #facts: Facts;
  readonly #troubles: TroubleBook;
  /** By connection and kind: what is open, as far as people know. */
  readonly #open = new Map<string, Known>();
  /** When an open one ended, as far as people know. */
  readonly #overAt = new Map<string, number>();
  /** Until then nobody can be blamed for not telling: of everything, or of a connection. */
  readonly #excusedUntil = new Map<string, number>();
  #failedAt = -Infinity;
  /** It has failed, and people have not heard of that. */
  #isSecret = false;

  /** By connection. */
  readonly #mutes = new Map<string, Mute>();
  readonly #isPeaceful: boolean;

  constructor(facts: Facts, troubles: TroubleBook, { trouble, windows }: Telling) {
    this.#facts = facts;
    this.#isPeaceful = trouble === 0 && windows.length === 0;
    this.#troubles = troubles;
  }

  tellingFailed(): void {
    this.#failedAt = this.#facts.now();
    this.#isSecret = true;
    for (const known of this.#open.values()) known.isDoubtful ||= this.#failedAt <= known.at + longestMs;
  }

  noticed(): void {
    if (!this.#isSecret) return;
    this.#isSecret = false;
    this.#excuse('', this.#failedAt + retryMs);
  }

  disturbed(stream: string | null): void {
    // The watchdog is the last to tell.
    if (stream === null) this.#excuse('', this.#facts.now() + retryMs);
  }

  muted(mute: Mute): void {
    this.#mutes.set(mute.connection, mute);
  }

  messaged(message: Message, by: ToldBy): void {
    const text = JSON.stringify(message);
    for (const mark of marks) if (text.includes(mark)) this.#facts.fail(12, `a message holds ${mark}`);
    const read = readMessage(message);
    if (read === null) return;
    // It says that something is wrong, and not with which streams.
    if (read.what === 'alarm') this.#excuse(read.connection, this.#facts.now());
    else if (read.what === 'over') this.#judgeEnd(read, by);
    else this.#judgeTrouble(read, by);
  }

  looked(): void {
    for (const [name, stream] of this.#facts.streams) {
      for (const kind of judgedKinds) this.#lookAtTrouble(name, stream, kind);
    }
    this.lookAtEnds();
  }

  /** Whether people have been told that all is over that they have been told of. */
  lookAtEnds(): void {
    for (const [key, { at, isDoubtful }] of this.#open) {
      const [connection = '', kind = ''] = key.split(' ');
      const endedAt = this.#endedAt(connection, kind as JudgedKind);
      if (endedAt === null) continue;
      const due = this.#due(Math.max(endedAt, at), connection, kind as JudgedKind, 'over');
      if (this.#facts.now() <= due) continue;
      if (isDoubtful) {
        this.#open.delete(key);
        continue;
      }
      this.#fail(`people are not told that ${connection} is not ${kind} any more`);
    }
  }

  /** As far as people know. */
  get openIncidents(): number {
    return this.#open.size;
  }

  #lookAtTrouble(name: string, { connection, pageAfterMs }: Stream, kind: JudgedKind): void {
    const since = this.#troubles.since(name, kind);
    if (since === null) return;
    const known = this.#open.get(`${connection} ${kind}`);
    const now = this.#facts.now();
    const from = Math.max(since, this.#overAt.get(`${connection} ${kind}`) ?? 0);
    // Who reads that a key is refused knows that no stream is called.
    const isKnown = known !== undefined && (kind === 'unauthorized' || known.streams.has(name));
    // An update may wait for ten minutes behind the message before it, and then only the watchdog is there to send it.
    const due =
      known === undefined
        ? this.#due(from, connection, kind, 'told')
        : this.#due(Math.max(from, known.at), connection, kind, 'joined');
    if (!isKnown && now > due) {
      this.#fail(`people are not told that ${name} is ${kind}, for ${minutes(now - since)} minutes`);
    }
    const lastsFrom = from + pageAfterMs;
    const isPaged = kind !== 'exhausted' || known?.isPage !== false;
    if (!isPaged && now > this.#due(lastsFrom, connection, kind, 'paged'))
      this.#fail(`nobody is paged that ${name} is ${kind}, for ${minutes(now - since)} minutes`);
  }

  #judgeTrouble({ what, connection, kind, streams, isPage }: Told, { who, readAt }: ToldBy): void {
    const key = `${connection} ${kind}`;
    const known = this.#open.get(key);
    const names = streams.map((stream) => `${connection}/${stream}`);
    const wrong = names.filter((name) => !this.#troubles.stoodAfter(readAt, name, kind));
    if (wrong.length > 0) this.#fail(`${who} says that ${wrong.join(', ')} is ${kind}, and it is not`);
    const mute = this.#mutes.get(connection);
    const isMuted = mute !== undefined && mute.since < readAt && this.#facts.now() < mute.until;
    // Where it cannot be read whether it is muted, a page too many is better than one too few.
    if (isPage && isMuted && !this.#mayBeTwice(this.#facts.now()))
      this.#fail(`${who} pages that ${key}, and a person has muted it`);
    // One that has been paused and resumed meanwhile stands anew.
    const isNewIn = ({ streams: told, at }: Known, name: string): boolean =>
      !told.has(name) || (this.#troubles.since(name, kind) ?? 0) > at;
    const isNew = known === undefined || names.some((name) => isNewIn(known, name));
    const isWorse = isPage && known?.isPage === false;
    const isTwice =
      known !== undefined &&
      (what === 'begun' ? !isWorse && !names.every((name) => isNewIn(known, name)) : !isNew);
    if (isTwice && !this.#mayBeTwice(known.at)) this.#fail(`${who} tells twice that ${key}`);
    const at = this.#facts.now();
    this.#open.set(key, {
      streams: new Set([...(known?.streams ?? []), ...names]),
      isPage: isPage || known?.isPage === true,
      at,
      isDoubtful: this.#mayBeTwice(at),
    });
  }

  #judgeEnd({ connection, kind }: Told, { who, readAt }: ToldBy): void {
    const key = `${connection} ${kind}`;
    const stands = this.#namesOf(connection).filter((name) => {
      const since = this.#troubles.since(name, kind);
      return since !== null && since < readAt;
    });
    if (stands.length > 0) this.#fail(`${who} says that ${key} is over, and ${stands.join(', ')} is ${kind}`);
    if (!this.#open.delete(key) && !this.#mayBeTwice(this.#overAt.get(key) ?? -Infinity)) {
      this.#fail(`${who} tells twice that ${key} is over`);
    }
    this.#overAt.set(key, this.#facts.now());
  }

  /** Where the teller fails, twice is better than never. */
  #mayBeTwice(at: number): boolean {
    return this.#failedAt >= at - longestMs;
  }

  #endedAt(connection: string, kind: JudgedKind): number | null {
    const ends = this.#namesOf(connection).map((name) => this.#troubles.endedAt(name, kind));
    return ends.includes(null) ? null : Math.max(...ends.map((end) => end ?? 0));
  }

  #namesOf(connection: string): readonly string[] {
    return [...this.#facts.streams.values()]
      .filter((stream) => stream.connection === connection)
      .map(({ name }) => name);
  }

  #due(
    since: number,
    connection: string,
    kind: JudgedKind,
    what: 'told' | 'joined' | 'paged' | 'over',
  ): number {
    const excused = [this.#excusedUntil.get(''), this.#excusedUntil.get(connection)];
    const isHeldBack = what !== 'over' && kind !== 'held';
    const isSoon = what === 'told' || what === 'over';
    const muted = isHeldBack ? (this.#mutes.get(connection)?.until ?? 0) : 0;
    const from = Math.max(since, muted, ...excused.map((until) => until ?? 0));
    if (this.#isPeaceful && stops.has(kind) && isSoon && muted < since) return since + soonMs;
    return from + (what === 'told' && kind !== 'held' ? withinMs : seenWithinMs);
  }

  #excuse(connection: string, until: number): void {
    this.#excusedUntil.set(connection, Math.max(until, this.#excusedUntil.get(connection) ?? 0));
  }

  #fail(words: string): void {
    this.#facts.fail(15, words);
  }
}

function minutes(ms: number): number {
  return Math.round(ms / minute);
}
