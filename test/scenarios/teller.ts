import { alarmChangeOf } from '../../lib/aws/alarm-event.ts';
import { connectionsWritten } from '../../lib/aws/checkpoint-writes.ts';
import { SnsMachines } from '../../lib/aws/sns-machines.ts';
import { SnsPeople } from '../../lib/aws/sns-people.ts';
import type { SchemaWrite } from '../../lib/events/of-schema.ts';
import { typed } from '../../lib/on-call/alarm-text.ts';
import type { Incidents } from '../../lib/on-call/incident.ts';
import { tellAlarm, type AlarmDependencies } from '../../lib/on-call/tell-alarm.ts';
import { tellIncidents, type OnCallConnection } from '../../lib/on-call/tell-incidents.ts';
import { tellSchema } from '../../lib/on-call/tell-schema.ts';
import { tellUntold } from '../../lib/on-call/tell-untold.ts';
import { FakeIncidents } from '../support/fakes/fake-incidents.ts';
import { FakeToldAlarms } from '../support/fakes/fake-told-alarms.ts';
import type { SyncWorld } from '../support/sync-world.ts';
import type { Deployment } from './deployment.ts';
import type { TableWrite } from './table-stream.ts';
import type { Topics } from './topics.ts';

/** A write that the function is given: of a schema with what it tells. */
export interface ToldWrite extends TableWrite {
  readonly news?: SchemaWrite;
}

/** What people and machines are told, as functions/tell-on-call.ts and functions/watchdog.ts do, over fakes. */
export class Teller {
  /** The table does not let anybody read or write what has been told. */
  incidentsRefuse = false;
  readonly #deps: AlarmDependencies;
  readonly #watchdog: AlarmDependencies;

  constructor(deployment: Deployment, sync: SyncWorld, topics: Topics) {
    const incidents = new RefusableIncidents(() => this.incidentsRefuse);
    const topicsOf = (to: 'people' | 'machines') => ({
      page: topics.arnOf(to, 'page'),
      ticket: topics.arnOf(to, 'ticket'),
    });
    const shared = {
      ...{ deployment: deployment.name, typed, clock: sync.clock, incidents, mutes: sync.mutes },
      ...{ checkpoints: sync.checkpoints, breakers: sync.breakers, faults: sync.deps.faults },
      ...{ region: 'us-east-1', runbook: deployment.teller.runbook, gatherMs: deployment.teller.gatherMs },
      connections: connectionsOf(deployment),
      alarms: new FakeToldAlarms(),
    };
    const depsOf = (by: 'teller' | 'watchdog'): AlarmDependencies => ({
      ...shared,
      people: new SnsPeople(topics.clientOf(by), topicsOf('people')),
      machines: new SnsMachines(topics.clientOf(by), topicsOf('machines')),
    });
    this.#deps = depsOf('teller');
    this.#watchdog = depsOf('watchdog');
  }

  async onAlarm(event: unknown, signal: AbortSignal): Promise<void> {
    await tellAlarm(alarmChangeOf(event), this.#deps, signal);
  }

  async onWrites(writes: readonly ToldWrite[], signal: AbortSignal): Promise<void> {
    const written = connectionsWritten({ Records: writes.map(({ Keys }) => ({ dynamodb: { Keys } })) });
    const connections = this.#deps.connections.filter(({ name }) => written.has(name));
    for (const connection of connections) await tellIncidents(connection, this.#deps, signal);
    for (const { news } of writes) if (news !== undefined) await tellSchema(news, this.#deps);
  }

  async onRound(signal: AbortSignal): Promise<void> {
    for (const connection of this.#deps.connections) await tellUntold(connection, this.#watchdog, signal);
  }
}

function connectionsOf({ streams }: Deployment): readonly OnCallConnection[] {
  const names = new Set(streams.map(({ connection }) => connection));
  return [...names].flatMap((name) => {
    const own = streams.filter(({ connection }) => connection === name);
    return own[0] === undefined ? [] : [{ name, connector: own[0].connector, streams: own }];
  });
}

class RefusableIncidents extends FakeIncidents {
  readonly #refuses: () => boolean;

  constructor(refuses: () => boolean) {
    super();
    this.#refuses = refuses;
  }

  override async read(connection: string): Promise<Incidents> {
    if (this.#refuses()) throw new Error('AccessDeniedException');
    return super.read(connection);
  }

  override async replace(next: Incidents): Promise<Incidents | undefined> {
    if (this.#refuses()) throw new Error('AccessDeniedException');
    return super.replace(next);
  }
}
