import { alarmOf, troublesThatRaise, type TroubleAlarm } from '../../../lib/on-call/alarm-kinds.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { Trouble } from '../../../lib/sync/troubles.ts';
import type { Invocation } from '../invocation.ts';
import { watchPeriodMs } from '../scenario.ts';
import type { Facts, Judge } from './judge.ts';
import { judgedKinds, kindOf, type JudgedKind, type TroubleBook } from './trouble-book.ts';

const minute = 60_000;
const alarms = [...new Set<TroubleAlarm>(Object.values(alarmOf))];
/** Who was killed before it could publish is made up for by a round of the watchdog, and that may be lost once. */
const madeUpMs = 2 * watchPeriodMs + 3 * minute;

interface Reading {
  readonly troubles: ReadonlySet<Trouble>;
  readonly readAt: number;
}

/**
 * Invariant 15, of machines: what is published of a connection is the union of what is wrong with its streams, and at the end of a
 * minute its alarms are those of the last reading in it. No alarm is OK for long while its cause stands, and none on without one.
 */
export class JudgeOfAlarms implements Judge {
  readonly #facts: Facts;
  readonly #troubles: TroubleBook;
  /** By connection and the minute they are about, epoch milliseconds. */
  readonly #last = new Map<string, Reading>();
  readonly #on = new Map<string, ReadonlySet<TroubleAlarm>>();
  /** Who has changed what is wrong with a stream of the connection, and when: it has to publish that. */
  readonly #owed = new Map<Invocation, { readonly connection: string; readonly since: number }>();
  #disturbedAt = 0;

  constructor(facts: Facts, troubles: TroubleBook) {
    this.#facts = facts;
    this.#troubles = troubles;
  }

  disturbed(): void {
    this.#disturbedAt = this.#facts.now();
  }

  stored(invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    const { connection } = this.#facts.streams.get(after.stream) ?? {};
    const isSync = invocation.kind === 'tick' || invocation.kind === 'message';
    if (!isSync || connection === undefined || flagOf(before) === flagOf(after)) return;
    // Nobody waits for its pages.
    if (after.state === 'paused') return;
    // That nobody calls with a refused key is known of the whole connection.
    const isRefused = (this.#facts.breakers.get(connection)?.state ?? 'closed') !== 'closed';
    if (after.stopped?.by === 'unauthorized' && isRefused) return;
    this.#owed.set(invocation, { connection, since: this.#facts.now() });
  }

  ended(invocation: Invocation): void {
    const owed = this.#owed.get(invocation);
    this.#owed.delete(invocation);
    if (owed === undefined || invocation.disturbed !== null) return;
    this.#fail(`${invocation.who} does not publish what it has changed of ${owed.connection}`);
  }

  measured(invocation: Invocation, connection: string, troubles: ReadonlySet<Trouble>, readAt: number): void {
    const { who } = invocation;
    const owed = this.#owed.get(invocation);
    if (owed?.connection === connection && readAt >= owed.since) this.#owed.delete(invocation);
    for (const kind of judgedKinds) {
      const names = this.#namesOf(connection);
      if (troubles.has(kind)) {
        if (!names.some((name) => this.#troubles.stoodAfter(readAt, name, kind)))
          this.#fail(`${who} publishes that ${connection} is ${kind}, and it is not`);
        continue;
      }
      const stands = names.find((name) => (this.#troubles.since(name, kind) ?? Infinity) < readAt);
      if (stands !== undefined) this.#fail(`${who} leaves out that ${stands} is ${kind}`);
    }
    const of = `${connection} ${Math.floor(readAt / minute) * minute}`;
    const last = this.#last.get(of);
    // Of two that have read in the same millisecond nobody knows which is the last.
    if (last?.readAt === readAt) this.#last.delete(of);
    else if (last === undefined || last.readAt < readAt) this.#last.set(of, { troubles, readAt });
  }

  /** @param of when the minute began whose number was looked at, epoch milliseconds */
  evaluated(connection: string, of: number, on: ReadonlySet<TroubleAlarm>): void {
    this.#on.set(connection, new Set(on));
    const last = this.#last.get(`${connection} ${of}`);
    // What came last may be on its way.
    if (last === undefined || this.#facts.now() < last.readAt + minute) return;
    for (const alarm of alarms) {
      const should = troublesThatRaise(alarm).some((flag) => last.troubles.has(flag));
      if (should === on.has(alarm)) continue;
      this.#fail(
        should
          ? `the alarm ${alarm} of ${connection} is OK, and its last number has the cause`
          : `the alarm ${alarm} of ${connection} is on, and its last number has no cause for it`,
      );
    }
  }

  looked(): void {
    for (const connection of new Set([...this.#facts.streams.values()].map((stream) => stream.connection)))
      this.#look(connection);
  }

  #look(connection: string): void {
    const now = this.#facts.now();
    const names = this.#namesOf(connection);
    const isOn = (alarm: TroubleAlarm): boolean => this.#on.get(connection)?.has(alarm) === true;
    for (const alarm of alarms) {
      const kinds = judgedKinds.filter((kind) => alarmOf[kind] === alarm);
      const all = names.flatMap((name) => kinds.map((kind): [string, JudgedKind] => [name, kind]));
      const since = Math.min(...all.map(([name, kind]) => this.#troubles.since(name, kind) ?? Infinity));
      if (!isOn(alarm) && now > Math.max(since, this.#disturbedAt) + madeUpMs) {
        this.#fail(
          `the alarm ${alarm} of ${connection} is OK, and its cause has stood for ${minutes(now - since)} minutes`,
        );
      }
      const ends = all.map(([name, kind]) => this.#troubles.endedAt(name, kind) ?? Infinity);
      const endedAt = Math.max(...ends);
      // Of requests that were told to come later nobody keeps book.
      if (isOn(alarm) && alarm !== 'failing' && now > Math.max(endedAt, this.#disturbedAt) + madeUpMs) {
        this.#fail(
          `the alarm ${alarm} of ${connection} is on, and for ${minutes(now - endedAt)} minutes nothing was wrong`,
        );
      }
    }
  }

  #namesOf(connection: string): readonly string[] {
    return [...this.#facts.streams.values()]
      .filter((stream) => stream.connection === connection)
      .map(({ name }) => name);
  }

  #fail(words: string): void {
    this.#facts.fail(15, words);
  }
}

/** What waits for a person may do so for several reasons, and one more changes nothing of the number. */
function flagOf(checkpoint: Checkpoint): JudgedKind | null {
  const kind = kindOf(checkpoint);
  return kind === 'held' ? null : kind;
}

function minutes(ms: number): number {
  return Math.round(ms / minute);
}
