import type { PageRequest } from '../../lib/sync/message.ts';
import type { PageReport } from '../../lib/sync/report.ts';
import { redriveOf } from '../../lib/sync/redrive.ts';
import { syncPage } from '../../lib/sync/sync-page.ts';
import { watch } from '../../lib/sync/watch.ts';
import type { SyncDependencies } from '../../lib/sync/work.ts';
import type { Received } from '../support/fakes/fake-page-queue.ts';
import { BoundPorts } from './bound-ports.ts';
import { Chance } from './chance.ts';
import { SimulatedFailure, type Invocation } from './invocation.ts';
import { stopEarlyMs, timeOutMs } from './scenario.ts';
import { CachedSecret } from './secret-store.ts';
import { vendorPort } from './vendor-port.ts';
import type { Connection, World } from './world.ts';

/** What AWS runs: the functions around the use case, each invocation in an environment that can die. */
export class Functions {
  readonly #world: World;
  /** Warm environments of the two functions of each connection, by what they know of the secret. */
  readonly #secrets: ReadonlyMap<Connection, readonly CachedSecret[]>;
  readonly #changed: (connection: Connection) => void;

  /** @param changed told when a queue has got or lost a message */
  constructor(world: World, changed: (connection: Connection) => void) {
    this.#world = world;
    this.#changed = changed;
    this.#secrets = new Map(
      world.connections.map((connection) => [
        connection,
        Array.from({ length: 3 }, () => new CachedSecret(connection.secret, world.now)),
      ]),
    );
  }

  /** `scheduled-sync`. @param scheduledAt epoch milliseconds */
  tick(connection: Connection, stream: string, scheduledAt: number): void {
    const world = this.#world;
    const invocation = world.invocation('tick', stream, `tick of ${stream}`);
    const { ports, deps } = this.#bind(invocation, connection, 0);
    const work = async (): Promise<void> => {
      const report = await this.#sync({ kind: 'tick', stream, scheduledAt }, deps, invocation);
      if (report.next === 'redrive' && report.run !== null) {
        const { run, sequence, delaySeconds } = report;
        const queue = ports.queue(connection, () => this.#changed(connection));
        await queue.send({ v: 1, stream, run, sequence }, delaySeconds ?? 0);
      }
    };
    this.#run(invocation, timeOutMs, work, () => undefined);
  }

  /** `queued-sync`. @param ended told whether the message has been handled */
  message(connection: Connection, received: Received, ended: (handled: boolean) => void): void {
    const { message, receiptHandle, receiveCount } = received;
    const world = this.#world;
    const { stream, sequence } = message;
    const invocation = world.invocation('message', stream, `message for page ${sequence} of ${stream}`);
    const { ports, deps } = this.#bind(invocation, connection, invocation.chance.whole(1, 2));
    let handled = true;
    const work = async (): Promise<void> => {
      const report = await this.#sync({ kind: 'message', message }, deps, invocation);
      if (report.next !== 'redrive') return;
      const plan = redriveOf(receiveCount, report.delaySeconds ?? 0);
      if (plan.kind === 'replace') {
        await deps.queue.send(message, plan.seconds);
        return;
      }
      await ports.call('queue', async () => {
        await connection.queue.defer(receiptHandle, plan.seconds).catch((error: unknown) => {
          // A copy of it is in flight, or it is gone.
          world.disturb(invocation, 'its receipt is no good any more');
          throw error;
        });
        world.tell(invocation.who, `keeps its message back for ${plan.seconds} s`);
        this.#changed(connection);
      });
      handled = false;
    };
    this.#run(invocation, timeOutMs, work, (well) => ended(well && handled));
  }

  watchdog(): void {
    const world = this.#world;
    const invocation = world.invocation('watchdog', null, 'watchdog');
    const ports = new BoundPorts(world, invocation);
    const { checkpoints, breakers, outages, measurements, clock } = ports;
    const connections = world.connections.map((connection) => ({
      name: connection.plan.name,
      streams: connection.streams,
      queue: ports.queue(connection, () => this.#changed(connection)),
      secretVersion: () => ports.call('secrets', async () => connection.secret.version),
    }));
    const { newId } = world;
    const faults = this.#faults(invocation);
    const deps = { connections, checkpoints, breakers, outages, measurements, faults, clock, newId };
    const work = async (): Promise<void> => {
      try {
        for (const { stream, reason } of await watch(deps))
          world.tell(invocation.who, `revives ${stream}: ${reason}`);
      } finally {
        await world.teller.tellUntold();
      }
    };
    this.#run(invocation, 60_000, work, () => undefined);
  }

  async #sync(request: PageRequest, deps: SyncDependencies, invocation: Invocation): Promise<PageReport> {
    const report = await syncPage(request, deps, invocation.controller.signal);
    const { outcome, next, reason } = report;
    this.#world.tell(
      invocation.who,
      `ends as ${outcome}${reason === null ? '' : ` (${reason})`}, next: ${next}`,
    );
    for (const judge of this.#world.judges) judge.reported?.(invocation, report);
    return report;
  }

  #bind(
    invocation: Invocation,
    connection: Connection,
    environment: number,
  ): { readonly ports: BoundPorts; readonly deps: SyncDependencies } {
    const world = this.#world;
    const ports = new BoundPorts(world, invocation);
    const secrets = this.#secrets.get(connection)?.[environment];
    if (secrets === undefined) throw new Error(`${connection.plan.name} has no environment ${environment}`);
    const { checkpoints, breakers, outages, governor, records, seenRows, schemas, idBatches, clock } = ports;
    const streams = new Map(connection.streams.map((stream) => [stream.name, stream]));
    const deps = {
      streams,
      baseUrl: `https://${connection.plan.name}.example`,
      ...{ checkpoints, breakers, outages, governor, records, seenRows, schemas, idBatches, clock },
      queue: ports.queue(connection, () => this.#changed(connection)),
      secrets: ports.secrets(secrets),
      tokens: null,
      vendor: vendorPort(world, invocation, connection, streams, ports),
      measurements: ports.measurements,
      faults: this.#faults(invocation),
      random: new Chance('use case', world.scenario.seed, invocation.id).next,
      newId: world.newId,
    };
    return { ports, deps };
  }

  #faults(invocation: Invocation): SyncDependencies['faults'] {
    return {
      note: (stream, { name }) => {
        // What is learned from a run that has ended changes nothing of it, and no more does what is published.
        const isBeside = invocation.learns || invocation.publishes;
        if (!isBeside) invocation.fault = name;
        else if (invocation.disturbed === null) invocation.fault = `${name} beside its page`;
        this.#world.tell(invocation.who, `notes a fault of ${stream}: ${name}`);
      },
    };
  }

  /**
   * Runs a function as Lambda and middy do: told to stop a second before its time is up, and then killed, or frozen with
   * what it still has under way until its environment is used again.
   */
  #run(
    invocation: Invocation,
    timeMs: number,
    work: () => Promise<void>,
    ended: (well: boolean) => void,
  ): void {
    const world = this.#world;
    let working = true;
    let over = false;
    const end = (error: Error | null): void => {
      if (over) return;
      over = true;
      for (const judge of world.judges) judge.ended?.(invocation, error);
      ended(error === null);
    };
    invocation.died = () => {
      invocation.hangUp();
      if (over) return;
      over = true;
      ended(false);
    };
    world.scheduler.after(timeMs - stopEarlyMs, () => {
      if (!working || invocation.dead) return;
      world.disturb(invocation, 'out of time');
      const error = new SimulatedFailure('out of time');
      invocation.controller.abort(error);
      end(error);
    });
    world.scheduler.after(timeMs, () => {
      if (!working || invocation.dead) return;
      invocation.frozenUntil = world.now() + (invocation.thaw ?? 0);
      if (invocation.thaw !== null) return;
      invocation.dead = true;
      invocation.hangUp();
    });
    const done = (error: Error | null): void => {
      working = false;
      if (error !== null) world.tell(invocation.who, `throws: ${error.message}`);
      end(error);
    };
    work().then(
      () => done(null),
      (error: unknown) => done(error as Error),
    );
  }
}
