import { beforeEach, describe, expect, it } from 'vitest';

import type { Message } from '../../../lib/on-call/message.ts';
import { tellIncidents, type TellDependencies } from '../../../lib/on-call/tell-incidents.ts';
import type { Checkpoints } from '../../../lib/sync/ports.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { OnCallWorld } from '../../support/on-call-world.ts';

const minute = 60_000;

let world: OnCallWorld;

beforeEach(() => {
  world = new OnCallWorld();
});

/** What CloudWatch or the table's stream make of it: an invocation that runs beside all others. */
function invoked(more: Partial<TellDependencies> = {}): Promise<readonly Message[]> {
  return tellIncidents(world.connection, { ...world.deps, ...more }, world.signal);
}

/** An invocation that is waited for. */
async function told(seconds = 90): Promise<void> {
  const telling = invoked();
  await world.pass(seconds);
  await telling;
}

describe('an incident', () => {
  it('is one message, whoever notices it, and how many of them', async () => {
    await world.stop('mobaro/users');
    const first = invoked();
    await world.pass(10);
    await world.stop('mobaro/locations');
    const others = [invoked(), invoked(), invoked()];
    await world.pass(120);
    expect((await Promise.all([first, ...others])).flat()).toEqual(world.sent);
    expect(world.sent).toHaveLength(1);
    expect(world.sent[0]).toMatchObject({
      severity: 'page',
      subject: 'PAGE Pagekeeper: mobaro not found (404): all streams',
    });
    expect(world.sent[0]?.text).toContain('check the address (baseUrl)');
    expect(world.sent[0]?.text).toContain('HTTP 404: no such list');
    expect(world.sent[0]?.text).toContain('npx pagekeeper fix mobaro --stack Pagekeeper');
  });

  it('is one page and one update, where the others follow later', async () => {
    world = new OnCallWorld(['mobaro/users', 'mobaro/locations', 'mobaro/assignments']);
    await world.stop('mobaro/users');
    await told();
    await world.stop('mobaro/locations');
    const second = invoked();
    await world.pass(30);
    await world.stop('mobaro/assignments');
    const third = invoked();
    await world.pass(90);
    await Promise.all([second, third]);
    expect(world.subjects).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): users',
      'MORE Pagekeeper: mobaro not found (404): all streams',
    ]);
    expect(world.sent[1]?.text).toContain('check the address (baseUrl)');
  });

  it('is over with one message, in the same thread, and not while one of its streams stands still', async () => {
    await world.stop('mobaro/users');
    await world.stop('mobaro/locations');
    await told();
    await world.recover('mobaro/users');
    await told();
    expect(world.sent).toHaveLength(1);
    await world.recover('mobaro/locations');
    const over = [invoked(), invoked()];
    await world.pass(10);
    await Promise.all(over);
    expect(world.subjects).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): all streams',
      'OVER Pagekeeper: mobaro not found (404): all streams',
    ]);
    expect(new Set(world.sent.map(({ thread }) => thread)).size).toBe(1);
    expect(world.sent[1]?.text).toContain('all 2 streams go on by');
  });

  it('is not over when a person resumes a stream, but with its first good answer', async () => {
    await world.stop('mobaro/users');
    await told();
    await world.store('mobaro/users', { state: 'running', halt: null });
    await told();
    expect(world.sent).toHaveLength(1);
    await world.recover('mobaro/users');
    await told();
    expect(world.sent).toHaveLength(2);
  });

  it('of a refused key is over when the last stream that it stopped has had a good answer', async () => {
    const { clock, breakers } = world;
    const breaker = await breakers.replace({ ...newBreaker('mobaro'), state: 'open', openedAt: clock.now() });
    await world.stop('mobaro/users', 'unauthorized');
    await world.stop('mobaro/locations', 'unauthorized');
    await told();
    await breakers.replace({ ...(breaker ?? newBreaker('mobaro')), state: 'closed', openedAt: null });
    await world.recover('mobaro/users');
    await told();
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro key refused (401): all streams']);
    await world.recover('mobaro/locations');
    await told();
    expect(world.sent[1]?.text).toMatch(/the key works again; all 2 streams go on by/);
  });

  it('is a ticket where pages fail, and a page once it lasts', async () => {
    await world.stop('mobaro/users', 'exhausted');
    await told();
    await world.pass(15 * 60);
    await Promise.all([told(), told()]);
    expect(world.sent.map(({ severity, subject }) => `${severity}: ${subject}`)).toEqual([
      'ticket: TICKET Pagekeeper: mobaro pages fail: users',
      'page: PAGE Pagekeeper: mobaro pages fail: users',
    ]);
  });

  it('is told without a stream whose checkpoint is damaged, and so is that', async () => {
    world = new OnCallWorld(['mobaro/users', 'mobaro/locations', 'mobaro/assignments']);
    await world.stop('mobaro/users');
    const { checkpoints } = world;
    const readAll: Checkpoints['readAll'] = (streams, onUnreadable) => {
      onUnreadable?.('mobaro/locations', { isNewer: false, error: new Error('damaged') });
      return checkpoints.readAll(streams.filter((stream) => stream !== 'mobaro/locations'));
    };
    const telling = invoked({ checkpoints: { readAll } });
    await world.pass(90);
    await telling;
    expect(world.subjects).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): users',
      'PAGE Pagekeeper: mobaro stopped: locations',
    ]);
  });

  it('is not over for a stream that a newer version has written, and begins for none', async () => {
    await world.stop('mobaro/users');
    await told();
    const readAll: Checkpoints['readAll'] = (_, onUnreadable) => {
      for (const { name } of world.connection.streams) {
        onUnreadable?.(name, { isNewer: true, error: new Error('newer') });
      }
      return Promise.resolve(new Map());
    };
    await invoked({ checkpoints: { readAll } });
    expect(world.sent).toHaveLength(1);
  });

  it('is told again where the message may not have been sent', async () => {
    await world.stop('mobaro/users');
    const dying = invoked({ people: { send: () => Promise.reject(new Error('the topic refuses')) } });
    const died = expect(dying).rejects.toThrow('the topic refuses');
    await world.pass(60);
    await died;
    await told();
    expect(world.sent).toHaveLength(1);
  });

  it('is told again where it could not be written down that it was, for twice is better than never', async () => {
    await world.stop('mobaro/users');
    const { incidents } = world;
    const telling = invoked({
      incidents: {
        read: (name) => incidents.read(name),
        replace: (next) =>
          next.sendingUntil === null && next.open.some(({ told: is }) => is !== null)
            ? Promise.reject(new Error('the table refuses'))
            : incidents.replace(next),
      },
    });
    const refused = expect(telling).rejects.toThrow('the table refuses');
    await world.pass(60);
    await refused;
    await told();
    expect(world.sent).toHaveLength(2);
  });

  it('is not told again where the next message is refused', async () => {
    await world.stop('mobaro/users');
    await world.stop('mobaro/locations', 'exhausted');
    const { people } = world.deps;
    const refusing = invoked({
      people: {
        send: (message) =>
          message.severity === 'ticket' ? Promise.reject(new Error('refused')) : people.send(message),
      },
    });
    const refused = expect(refusing).rejects.toThrow('refused');
    await world.pass(60);
    await refused;
    await told();
    expect(world.subjects).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): users',
      'TICKET Pagekeeper: mobaro pages fail: locations',
    ]);
  });

  it('waits for the one who is sending, and tells what that one has not seen', async () => {
    await world.stop('mobaro/users');
    let letGo = (): void => undefined;
    const slow = invoked({
      people: {
        send: async (message) => {
          await new Promise<void>((resolve) => (letGo = resolve));
          world.sent.push(message);
        },
      },
    });
    await world.pass(60);
    await world.stop('mobaro/locations');
    const other = invoked();
    await world.pass(5);
    expect(world.sent).toEqual([]);
    letGo();
    await world.pass(90);
    await Promise.all([slow, other]);
    expect(world.subjects).toEqual([
      'PAGE Pagekeeper: mobaro not found (404): users',
      'MORE Pagekeeper: mobaro not found (404): all streams',
    ]);
  });

  it('is left to others after some minutes, so that no invocation runs out of time', async () => {
    world = new OnCallWorld(['mobaro/users', 'mobaro/locations', 'mobaro/assignments', 'mobaro/checklists']);
    await world.stop('mobaro/users');
    let isDone = false;
    const telling = invoked().then(() => (isDone = true));
    for (const stream of ['mobaro/locations', 'mobaro/assignments', 'mobaro/checklists']) {
      await world.pass(65);
      await world.stop(stream);
    }
    await world.pass(1);
    expect(isDone).toBe(true);
    await telling;
  });

  it('is given up where what is stored cannot be read in time', async () => {
    const telling = invoked({ breakers: { read: () => new Promise(() => undefined) } });
    const refused = expect(telling).rejects.toThrow('could not be read within 3000 ms');
    await world.pass(3);
    await refused;
    expect(world.clock.sleeping).toBe(0);
  });
});

describe('a mute', () => {
  beforeEach(async () => {
    const now = world.clock.now();
    const mute = { connection: 'mobaro', revision: 0, since: now, until: now + 30 * minute };
    await world.mutes.replace({ ...mute, why: 'they move', by: 'ada' });
  });

  it('holds a page back, and what still stands at its end is told once', async () => {
    await world.stop('mobaro/users');
    await told();
    expect(world.sent).toEqual([]);
    await world.pass(30 * 60);
    await Promise.all([told(), told()]);
    expect(world.subjects).toEqual(['PAGE Pagekeeper: mobaro not found (404): users']);
  });

  it('lets tickets through', async () => {
    await world.stop('mobaro/users', 'exhausted');
    await told();
    expect(world.subjects).toEqual(['TICKET Pagekeeper: mobaro pages fail: users']);
  });

  it('that cannot be read holds nothing back', async () => {
    await world.stop('mobaro/users');
    const telling = invoked({ mutes: { read: () => Promise.reject(new Error('the table refuses')) } });
    await world.pass(60);
    await telling;
    expect(world.sent).toHaveLength(1);
  });
});
