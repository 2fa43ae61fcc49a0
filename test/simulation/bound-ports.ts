import type { Breaker } from '../../lib/sync/breaker.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { Outage } from '../../lib/sync/outage.ts';
import type {
  Breakers,
  Checkpoints,
  Clock,
  Governor,
  IdBatches,
  Outages,
  PageQueue,
  Recalled,
  Records,
  Schemas,
  Secrets,
  SeenRows,
  Upserted,
} from '../../lib/sync/ports.ts';
import type { Measurements } from '../../lib/sync/troubles.ts';
import type { Port } from './faults.ts';
import { never, SimulatedFailure, type Invocation } from './invocation.ts';
import type { Connection, World } from './world.ts';

/** How many records the store takes at a time. */
const chunk = 3;

/** The ports as one invocation sees them: every call takes time, may fail, and may be its last. */
export class BoundPorts {
  readonly #world: World;
  readonly #invocation: Invocation;
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly outages: Outages;
  readonly governor: Governor;
  readonly records: Records;
  readonly seenRows: SeenRows;
  readonly schemas: Schemas;
  readonly idBatches: IdBatches;
  readonly measurements: Measurements;
  readonly clock: Clock;

  constructor(world: World, invocation: Invocation) {
    this.#world = world;
    this.#invocation = invocation;
    const { checkpoints, breakers, outages, governor, seenRows, schemas, idBatches } = world;
    this.checkpoints = {
      read: (stream) => this.call('checkpoints', () => checkpoints.read(stream)),
      readAll: (streams) => {
        const all = this.call('checkpoints', () => checkpoints.readAll(streams));
        invocation.publishes = true;
        return all;
      },
      replace: (next) => this.call('checkpoints', () => this.#replace(next)),
    };
    this.breakers = {
      read: (connection) => this.call('breakers', () => breakers.read(connection)),
      replace: (next) => this.call('breakers', () => this.#replaceBreaker(next)),
    };
    this.outages = {
      read: (scope) => this.call('outages', () => outages.read(scope)),
      replace: (next) => this.call('outages', () => this.#replaceOutage(next)),
    };
    this.governor = {
      permit: (asks, now) =>
        this.call('governor', async () => {
          const permit = await governor.permit(asks, now);
          invocation.permittedAt = permit.granted ? now : null;
          return permit;
        }),
      learn: (scope, terms, seen) => this.call('governor', () => governor.learn(scope, terms, seen)),
      close: (scope, until) =>
        this.call('governor', () => {
          world.latestRetryAt = Math.max(world.latestRetryAt, until);
          this.#tell(`closes ${scope} for ${seconds(until - world.now())}`);
          return governor.close(scope, until);
        }),
    };
    this.records = {
      upsert: (...given) => this.#upsert(...given),
      list: (...given) => this.call('records', () => world.records.list(...given), given[2]),
      markDeleted: (...given) => this.#bury(...given),
      purge: (...given) => this.#erase(...given),
    };
    this.seenRows = {
      remember: (...page) => this.call('seenRows', () => seenRows.remember(...page)),
      recall: (...given) => this.#recall(...given),
      fieldsOf: (...given) => {
        invocation.learns = true;
        return this.call('seenRows', () => seenRows.fieldsOf(...given), given[3].signal);
      },
    };
    this.schemas = {
      read: (stream) => {
        invocation.learns = true;
        return this.call('schemas', () => schemas.read(stream));
      },
      readAll: (streams) => this.call('schemas', () => schemas.readAll(streams)),
      replace: (...given) =>
        this.call('schemas', () => {
          for (const judge of world.judges) judge.learned?.(invocation, ...given);
          return schemas.replace(...given);
        }),
    };
    this.idBatches = {
      keep: (...given) => this.call('idBatches', () => idBatches.keep(...given)),
      read: (...given) => this.call('idBatches', () => idBatches.read(...given)),
    };
    this.measurements = {
      troubles: (connection, troubles, readAt) => {
        if (invocation.dead) return;
        const words = [...troubles].join(', ');
        this.#tell(`publishes of ${connection}: ${words === '' ? 'all is well' : words}`);
        for (const judge of world.judges) judge.measured?.(invocation, connection, troubles, readAt);
        world.cloudWatch.measured(connection, troubles, readAt);
      },
    };
    this.clock = { now: world.now, sleep: (ms, signal) => this.#sleep(ms, signal) };
  }

  /** @param visible called when the queue has changed */
  queue(connection: Connection, changed: () => void): PageQueue {
    const world = this.#world;
    return {
      send: (message, delaySeconds) =>
        this.call('queue', async () => {
          for (const judge of world.judges) judge.sent?.(this.#invocation, message);
          const what = `page ${message.sequence} of ${message.stream}, delay ${Math.ceil(delaySeconds)} s`;
          const send = (): void => {
            // It never fails.
            void connection.queue.send(message, delaySeconds).then(changed);
          };
          if (world.take('lost message')) {
            this.#tell(`FAULT: the message is lost: ${what}`);
            return;
          }
          const late = world.take('late message');
          if (late === undefined) send();
          else world.scheduler.after(late.ms, send);
          this.#tell(`sends ${what}${late === undefined ? '' : `; FAULT: ${seconds(late.ms)} late`}`);
        }),
    };
  }

  secrets(secret: Secrets): Secrets {
    return { read: (options) => this.call('secrets', () => secret.read(options)) };
  }

  async call<Result>(port: Port, effect: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const invocation = this.#invocation;
    if (invocation.dead) return never();
    // Beside its streams their breaker is read.
    invocation.publishes &&= port === 'breakers';
    const strike =
      invocation.kind === 'person' ? undefined : this.#world.strikes.next(port, this.#world.time);
    if (strike?.kind === 'kill' && strike.when === 'before')
      return this.#kill(`killed before a call of ${port}`);
    if (strike?.kind === 'failure') {
      this.#world.disturb(invocation, `a call of ${port} fails`);
      invocation.cannotStore ||= port === 'checkpoints';
      await this.pass(this.#latency());
      throw new SimulatedFailure(`${port} failed`);
    }
    if (strike?.kind === 'slow') {
      this.#world.disturb(invocation, `a call of ${port} takes ${seconds(strike.ms)}`);
      invocation.thaw = strike.thaw;
      await this.pass(strike.ms);
      if (signal?.aborted) throw new SimulatedFailure('stopped');
    }
    const result = await effect();
    invocation.lookedAt.set(port, this.#world.now());
    if (strike?.kind === 'kill') return this.#kill(`killed after a call of ${port}`);
    await this.pass(this.#latency());
    if (strike?.kind !== 'lost answer') return result;
    this.#world.disturb(invocation, `the answer of ${port} is lost`);
    invocation.cannotStore ||= port === 'checkpoints';
    throw new SimulatedFailure(`${port} answered nothing`);
  }

  /** Lets time go by, for as long as there is somebody left to notice. */
  pass(ms: number): Promise<void> {
    const { scheduler } = this.#world;
    const invocation = this.#invocation;
    return new Promise((resolve) => {
      const goOn = (): void => {
        if (invocation.dead) return;
        if (invocation.frozenUntil > scheduler.now()) scheduler.at(invocation.frozenUntil, goOn);
        else resolve();
      };
      scheduler.after(ms, goOn);
    });
  }

  #kill(why: string): Promise<never> {
    this.#world.disturb(this.#invocation, why);
    this.#invocation.dead = true;
    this.#invocation.died();
    return never();
  }

  #latency(): number {
    return this.#invocation.chance.scaled(1, 60);
  }

  #tell(what: string): void {
    this.#world.tell(this.#invocation.who, what);
  }

  async #replace(next: Checkpoint): Promise<Checkpoint | undefined> {
    const world = this.#world;
    const before = world.checkpointOf(next.stream);
    const after = await world.checkpoints.replace(next);
    if (after === undefined) {
      this.#tell(`is too late to store ${next.stream}`);
      return undefined;
    }
    world.stored.set(after.stream, after);
    if (world.story !== null) this.#tell(`stores ${after.stream}: ${inWords(after, world.now())}`);
    for (const judge of world.judges) judge.stored?.(this.#invocation, before, after);
    return after;
  }

  async #replaceBreaker(next: Breaker): Promise<Breaker | undefined> {
    const world = this.#world;
    const after = await world.breakers.replace(next);
    if (after === undefined) return undefined;
    world.storedBreakers.set(after.connection, after);
    this.#tell(
      `stores the breaker of ${after.connection}: ${after.state}, ${after.secretVersion ?? 'no version'}`,
    );
    for (const judge of world.judges) judge.breakerStored?.(this.#invocation, after);
    return after;
  }

  async #replaceOutage(next: Outage): Promise<Outage | undefined> {
    const world = this.#world;
    const after = await world.outages.replace(next);
    if (after === undefined) return undefined;
    const { limitScope, since, nextAt, carriers } = after;
    const asks = `${Object.values(carriers).join(', ')} in ${seconds(nextAt - world.now())}`;
    this.#tell(`stores the outage of ${limitScope}: ${since === null ? 'over' : asks}`);
    return after;
  }

  async #upsert(...[stream, records, now, signal]: Parameters<Records['upsert']>): Promise<Upserted> {
    signal.throwIfAborted();
    const rows = [...new Map(records.map((record) => [record.id, record])).values()];
    let written = 0;
    let unchanged = 0;
    for (let start = 0; start === 0 || start < rows.length; start += chunk) {
      const part = rows.slice(start, start + chunk);
      const write = async (): Promise<Upserted> => {
        this.#world.writer = this.#invocation;
        return this.#world.records.upsert(stream, part, now, signal);
      };
      const upserted = await this.call('records', write, signal);
      if (upserted.kind === 'unstorable') return upserted;
      written += upserted.written;
      unchanged += upserted.unchanged;
      this.#tell(`writes ${upserted.written} of ${part.length} records of ${stream}`);
    }
    return { kind: 'stored', written, unchanged };
  }

  async #bury(...[stream, ids, times, signal]: Parameters<Records['markDeleted']>): Promise<number> {
    let buried = 0;
    for (let start = 0; start < ids.length; start += chunk) {
      const part = ids.slice(start, start + chunk);
      buried += await this.call(
        'records',
        async () => {
          this.#world.writer = this.#invocation;
          return this.#world.records.markDeleted(stream, part, times, signal);
        },
        signal,
      );
      this.#tell(`buries ${part.join(', ')} of ${stream}`);
    }
    return buried;
  }

  async #erase(...[stream, tombstones, signal]: Parameters<Records['purge']>): Promise<void> {
    for (let start = 0; start < tombstones.length; start += chunk) {
      const part = tombstones.slice(start, start + chunk);
      const write = async (): Promise<void> => {
        this.#world.writer = this.#invocation;
        await this.#world.records.purge(stream, part, signal);
      };
      await this.call('records', write, signal);
      this.#tell(
        `erases ${part.map(({ id, erased }) => (erased ? `the tombstone of ${id}` : id)).join(', ')}`,
      );
    }
  }

  async #recall(...given: Parameters<SeenRows['recall']>): Promise<Recalled> {
    const [stream, , , { until, signal }] = given;
    const world = this.#world;
    const how = world.windowOf('unreadable', stream)?.how;
    if (how === undefined || this.#invocation.dead) {
      const recalled = await this.call('seenRows', () => world.seenRows.recall(...given), signal);
      // A slow call can take all the time that there is.
      if (recalled === 'too slow') for (const judge of world.judges) judge.unread?.(this.#invocation, stream);
      return recalled;
    }
    for (const judge of world.judges) judge.unread?.(this.#invocation, stream);
    const why = `what the run of ${stream} has seen cannot be read: ${how}`;
    switch (how) {
      case 'kills':
        return this.#kill(why);
      case 'fails':
        world.disturb(this.#invocation, why);
        await this.pass(this.#latency());
        throw new SimulatedFailure(why);
      case 'too slow':
        await this.pass(Math.max(0, until - world.now()));
        signal.throwIfAborted();
        break;
      case 'too many':
        await this.pass(this.#latency());
    }
    this.#tell(`FAULT: ${why}`);
    return how;
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.#invocation.sleptMs += ms;
    for (const judge of this.#world.judges) judge.slept?.(this.#invocation, ms);
    await this.pass(ms);
    signal.throwIfAborted();
  }
}

export function seconds(ms: number): string {
  return `${Math.round(ms) / 1000} s`;
}

function inWords(checkpoint: Checkpoint, now: number): string {
  const { state, outcome, run, sequence, position, attempt, lease, retryAt, heldDeletions, allowed } =
    checkpoint;
  const parts = [state === outcome ? state : `${state} (${outcome ?? 'nothing yet'})`];
  if (run !== null) parts.push(`${run} page ${sequence}`);
  if (position?.kind === 'sweep') parts.push(`${position.step} after ${position.after ?? 'none'}`);
  if (heldDeletions !== null) parts.push(`${heldDeletions.rows} of ${heldDeletions.of} held`);
  if (allowed !== null) parts.push(`${allowed} allowed`);
  if (attempt > 0) parts.push(`attempt ${attempt}`);
  if (lease !== null) parts.push(`lease for ${seconds(lease.until - now)}`);
  if (retryAt !== null) parts.push(`again in ${seconds(retryAt - now)}`);
  return parts.join(', ');
}
