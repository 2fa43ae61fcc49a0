import { typed } from '../../lib/on-call/alarm-text.ts';
import type { Message } from '../../lib/on-call/message.ts';
import type { AlarmChange } from '../../lib/on-call/alarm-change.ts';
import type { AlarmDependencies } from '../../lib/on-call/tell-alarm.ts';
import type { OnCallConnection } from '../../lib/on-call/tell-incidents.ts';
import { newCheckpoint, type Checkpoint, type Stop } from '../../lib/sync/checkpoint.ts';
import type { Fault } from '../../lib/sync/fault.ts';
import { FakeBreakers } from './fakes/fake-breakers.ts';
import { FakeCheckpoints } from './fakes/fake-checkpoints.ts';
import { FakeClock } from './fakes/fake-clock.ts';
import { FakeIncidents } from './fakes/fake-incidents.ts';
import { FakeMutes } from './fakes/fake-mutes.ts';
import { FakeToldAlarms } from './fakes/fake-told-alarms.ts';
import { streamNamed } from './streams.ts';

export interface Repeated {
  readonly change: AlarmChange;
  readonly severity: string;
  readonly words: string;
}

/** A connection that is watched, those who tell of it, and who is told, in virtual time. */
export class OnCallWorld {
  readonly clock = new FakeClock();
  readonly checkpoints = new FakeCheckpoints();
  readonly breakers = new FakeBreakers();
  readonly incidents = new FakeIncidents();
  readonly mutes = new FakeMutes();
  /** What people were sent. */
  readonly sent: Message[] = [];
  /** What pagers were sent. */
  readonly repeated: Repeated[] = [];
  /** Alarms of whose end they were told though CloudWatch does not tell it. */
  readonly ended: string[] = [];
  readonly faults: Fault[] = [];
  readonly connection: OnCallConnection;
  readonly deps: AlarmDependencies;
  readonly signal = new AbortController().signal;

  constructor(names: readonly string[] = ['mobaro/users', 'mobaro/locations']) {
    const streams = names.map((name) => streamNamed(name));
    const { clock, checkpoints, breakers, incidents, mutes } = this;
    const connector = streams[0]?.connector;
    if (connector === undefined) throw new Error('No streams');
    this.connection = { name: 'mobaro', connector, streams };
    this.deps = {
      ...{ clock, checkpoints, breakers, incidents, mutes, typed },
      ...{ deployment: 'Pagekeeper', runbook: 'docs/runbook.md', region: 'eu-west-1' },
      connections: [this.connection],
      alarms: new FakeToldAlarms(),
      people: { send: async (message) => void this.sent.push(message) },
      machines: {
        repeat: async (change, severity, words) => void this.repeated.push({ change, severity, words }),
        end: async (names) => void this.ended.push(...names),
      },
      faults: { note: (_, fault) => void this.faults.push(fault) },
      gatherMs: 60_000,
    };
  }

  get subjects(): readonly string[] {
    return this.sent.map(({ subject }) => subject);
  }

  async store(stream: string, more: Partial<Checkpoint>): Promise<void> {
    const before = (await this.checkpoints.read(stream)) ?? newCheckpoint(stream);
    await this.checkpoints.replace({ ...before, ...more });
  }

  /** 404, unless it is something else. */
  stop(stream: string, by: Stop['by'] = 'missing', more: Partial<Checkpoint> = {}): Promise<void> {
    const now = this.clock.now();
    return this.store(stream, { ...stopped(by, now), ...more });
  }

  /** A good answer. */
  recover(stream: string): Promise<void> {
    const now = this.clock.now();
    return this.store(stream, {
      ...{ state: 'idle', halt: null, stopped: null, outcome: 'complete', reason: null },
      ...{ lastStatus: 200, freshFrom: now, completedAt: now, outcomeAt: now },
    });
  }

  /** Second by second, so that who begins to wait on the way is woken, too. */
  async pass(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed += 1) await this.clock.advance(1000);
  }

  /** As CloudWatch invokes for it now. */
  alarm(suffix: string, state: AlarmChange['state'] = 'ALARM', more: Partial<AlarmChange> = {}): AlarmChange {
    const name = `Pagekeeper ${suffix}`;
    return {
      ...{ name, state, stateBefore: state === 'OK' ? 'ALARM' : 'OK' },
      arn: `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`,
      ...{ region: 'eu-west-1', account: '123456789012', at: this.clock.now() },
      reason: 'Threshold Crossed: 1 datapoint was 1.0.',
      description: 'A stream of mobaro does not exist (404).',
      ...more,
    };
  }
}

/** A checkpoint that was stopped so. */
export function stopped(by: Stop['by'], since: number): Partial<Checkpoint> {
  const isSpent = by === 'exhausted' || by === 'malformed';
  return {
    state: isSpent ? 'exhausted' : 'halted',
    outcome: by,
    outcomeAt: since,
    lastStatus:
      { unauthorized: 401, forbidden: 403, missing: 404, rejected: 422, exhausted: 503 }[by as string] ?? 200,
    reason: by === 'missing' ? 'HTTP 404: no such list' : `what ${by} is`,
    halt: isSpent ? null : { outcome: by, at: since, definition: 'd' },
    stopped: { by, since },
  };
}
