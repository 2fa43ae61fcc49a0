import { beforeEach, describe, expect, it } from 'vitest';

import { tellIncidents, type TellDependencies } from '../../../lib/on-call/tell-incidents.ts';
import type { Message } from '../../../lib/on-call/incident-message.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { FakeBreakers } from '../../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../../support/fakes/fake-checkpoints.ts';
import { FakeClock } from '../../support/fakes/fake-clock.ts';
import { FakeIncidents } from '../../support/fakes/fake-incidents.ts';
import { streamNamed } from '../../support/streams.ts';

const streams = ['mobaro/users', 'mobaro/locations'].map((name) => streamNamed(name));
const connection = { name: 'mobaro', connector: streams[0]!.connector, streams };
const minute = 60_000;

let clock: FakeClock;
let checkpoints: FakeCheckpoints;
let incidents: FakeIncidents;
let sent: Message[];
let deps: TellDependencies;

beforeEach(() => {
  clock = new FakeClock();
  checkpoints = new FakeCheckpoints();
  incidents = new FakeIncidents();
  sent = [];
  deps = {
    deployment: 'Pagekeeper',
    runbook: 'docs/runbook.md',
    checkpoints,
    breakers: new FakeBreakers(),
    incidents,
    people: { send: async (message) => void sent.push(message) },
    clock,
    gatherMs: minute,
  };
});

async function store(stream: string, more: Partial<Checkpoint>): Promise<void> {
  const before = (await checkpoints.read(stream)) ?? newCheckpoint(stream);
  await checkpoints.replace({ ...before, ...more });
}

function missing(): Partial<Checkpoint> {
  const now = clock.now();
  return {
    state: 'halted',
    outcome: 'missing',
    lastStatus: 404,
    reason: 'HTTP 404: no such list',
    halt: { outcome: 'missing', at: now, definition: 'd' },
    stopped: { by: 'missing', since: now },
  };
}

/** Second by second, so that who begins to wait on the way is woken, too. */
async function pass(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 1) await clock.advance(1000);
}

/** What CloudWatch or the table's stream make of it: an invocation that runs beside all others. */
function invoked(more: Partial<TellDependencies> = {}): Promise<readonly Message[]> {
  return tellIncidents(connection, { ...deps, ...more }, new AbortController().signal);
}

describe('an incident', () => {
  it('is one message, whoever notices it, and how many of them', async () => {
    await store('mobaro/users', missing());
    const first = invoked();
    await clock.advance(10_000);
    await store('mobaro/locations', missing());
    const others = [invoked(), invoked(), invoked()];
    await clock.advance(5 * minute);
    expect((await Promise.all([first, ...others])).flat()).toEqual(sent);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      severity: 'page',
      subject: 'PAGE Pagekeeper: mobaro not found (404): all streams',
    });
    expect(sent[0]?.text).toContain('check the address (baseUrl)');
    expect(sent[0]?.text).toContain('HTTP 404: no such list');
    expect(sent[0]?.text).toContain('npx pagekeeper resume mobaro --stack Pagekeeper');
  });

  it('is over with one message, in the same thread', async () => {
    await store('mobaro/users', missing());
    const begun = invoked();
    await clock.advance(minute);
    await begun;
    await store('mobaro/users', {
      state: 'idle',
      halt: null,
      stopped: null,
      outcome: 'complete',
      freshFrom: clock.now(),
    });
    const over = [invoked(), invoked()];
    await pass(10);
    await Promise.all(over);
    expect(sent.map(({ subject }) => subject)).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): users',
      'OVER Pagekeeper: mobaro not found (404): users',
    ]);
    expect(new Set(sent.map(({ thread }) => thread)).size).toBe(1);
    expect(sent[1]?.text).toContain('Go on again: users');
  });

  it('is told again where the message may not have been sent', async () => {
    await store('mobaro/users', missing());
    const dying = invoked({ people: { send: () => Promise.reject(new Error('the topic refuses')) } });
    const died = expect(dying).rejects.toThrow('the topic refuses');
    await clock.advance(minute);
    await died;
    const again = invoked();
    await clock.advance(minute);
    await again;
    expect(sent).toHaveLength(1);
  });

  it('waits for the one who is sending, and tells what that one has not seen', async () => {
    await store('mobaro/users', missing());
    let letGo = (): void => undefined;
    const slow = invoked({
      people: {
        send: async (message) => {
          await new Promise<void>((resolve) => (letGo = resolve));
          sent.push(message);
        },
      },
    });
    await clock.advance(minute);
    await store('mobaro/locations', missing());
    const other = invoked();
    await clock.advance(5000);
    expect(sent).toEqual([]);
    letGo();
    await clock.advance(2 * minute);
    await Promise.all([slow, other]);
    expect(sent.map(({ subject }) => subject)).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): users',
      'MORE Pagekeeper: mobaro not found (404): all streams',
    ]);
  });
});
