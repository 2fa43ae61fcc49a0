import { describe, expect, it } from 'vitest';

import { statusText } from '../../infra/cli/commands/print-status.ts';
import { plain } from '../../infra/terminal/colors.ts';
import { streamView } from '../../infra/watch/views.ts';
import type { Done } from '../../lib/operations/done.ts';
import { explainStream } from '../../lib/operations/explain.ts';
import { resumeConnection, resumeStream } from '../../lib/operations/resume.ts';
import { runStream } from '../../lib/operations/run.ts';
import { readStatus } from '../../lib/operations/status.ts';
import { tryAtOnce, type WaitsFor } from '../../lib/operations/try-at-once.ts';
import { ofDeployments } from '../../lib/operations/words.ts';
import { syncPage } from '../../lib/sync/sync-page.ts';
import { FakeBreakers } from '../support/fakes/fake-breakers.ts';
import { FakeCheckpoints } from '../support/fakes/fake-checkpoints.ts';
import type { FakeAnswer, FakeHandler } from '../support/fakes/fake-vendor.ts';
import { mobaroWith, SyncWorld } from '../support/sync-world.ts';

/**
 * Whoever looks while a stream is resumed is told the same, by whatever: the table of `status` and the lines below it, `explain`,
 * the page of --watch, and what `run` would say. They are asked each second, from the first to the last.
 */

const users = 'mobaro/users';
const locations = 'mobaro/locations';
const { signal } = new AbortController();

/** What a text says of a stream. The first that fits counts. */
const phases = {
  follows: /another page tries its key|its key is tried again|its key has got through/,
  resumed: /resumed \d\d:\d\d UTC, tries by \d\d:\d\d/,
  halted: /may not read|halted|refused (its|the) key/,
  waits: /try \d of 5 in|is tried again (at|in)|waits for its next try|has to wait until/,
  'under way': /under way|Its run goes on at/,
  'at rest': /starts (anew )?(with|now)|synced to its end|idle/,
} as const;

function phaseOf(text: string): string {
  return Object.entries(phases).find(([, pattern]) => pattern.test(text))?.[0] ?? `unknown: ${text}`;
}

/** What `run` would say, on a copy of what is stored. */
async function runWouldSay(stream: string, world: SyncWorld): Promise<string> {
  const [checkpoints, breakers] = [new FakeCheckpoints(), new FakeBreakers()];
  const checkpoint = await world.checkpoint(stream);
  await checkpoints.replace({ ...checkpoint, revision: 0 });
  await breakers.replace({ ...(await world.breakers.read('mobaro')), revision: 0 });
  const ports = { checkpoints, breakers, clock: world.clock, newId: () => 'another run' };
  const queue = { send: () => Promise.resolve() };
  const { sentence, refused } = await runStream({ name: stream, byTick: () => false }, { ...ports, queue });
  if (refused === true) return sentence;
  // That it can be run now is what is to be said of all that nothing keeps from it.
  return / (starts|goes on) now/.test(sentence) ? 'may run' : sentence;
}

interface Seen {
  readonly second: number;
  readonly status: string;
  readonly explain: string;
  readonly page: string;
  readonly run: string;
}

async function look(stream: string, world: SyncWorld, second: number): Promise<Seen> {
  const now = world.clock.now();
  const status = await readStatus([...world.streams.keys()], world, now);
  const text = statusText(
    { ...status, streams: status.streams.map((one) => ({ ...one, attemptCap: 5 })) },
    '',
    now,
    plain,
  );
  const lines = text.replaceAll(/\n {4}/g, ' ').split('\n');
  const [row = ''] = lines.filter((line) => line.startsWith(` ${stream} `));
  const about = (name: string) => lines.filter((line) => line.slice(2).startsWith(`${name}:`));
  const notes = about(stream).length > 0 ? about(stream) : about('mobaro');
  const carriers = { ...ofDeployments, now, nextTick: null, where: '', takesKey: true };
  const { next } = await explainStream(stream, world, carriers);
  const own = status.streams.find((one) => one.stream === stream);
  const view = streamView(own!, { schedule: undefined, nextTick: null, pagesBefore: null });
  // As the page has it: a wait is told before all else.
  const shown = view.waitingUntil === null ? `${view.words} ${view.reason ?? ''}` : 'is tried again at';
  return {
    ...{ second, explain: phaseOf(next), page: phaseOf(shown) },
    status: phaseOf([...notes, row].join(' ')),
    run: await runWouldSay(stream, world),
  };
}

/** @returns the phases in their order, once all views have agreed on each */
function agreed(seen: readonly Seen[], mayRunIn: readonly string[]): readonly string[] {
  const found: string[] = [];
  for (const { second, status, explain, page, run } of seen) {
    expect({ second, explain, page }).toEqual({ second, explain: status, page: status });
    if (run === 'may run') expect([second, ...mayRunIn]).toContain(status);
    else expect({ second, run: phaseOf(run) }).toEqual({ second, run: status });
    if (found.at(-1) !== status) found.push(status);
  }
  return found;
}

/** So long a message is on its way, and a page under way. */
const onItsWayMs = 4000;
const pageTakesMs = 3000;

/** Halted in the midst of its run, by this status of its second page. */
async function haltedWorld(status: number): Promise<SyncWorld> {
  const whole = mobaroWith(60);
  const world = new SyncWorld({
    streams: [users, locations],
    vendor: (request) =>
      new URL(request.url).searchParams.get('Offset') === '38' ? { status } : whole(request),
  });
  for (const stream of [users, locations]) await world.tick(stream);
  await world.drain();
  return world;
}

/** Each page takes its time. */
function slowly(world: SyncWorld, vendor: FakeHandler): void {
  world.vendor.handle(async (request) => {
    await world.clock.sleep(pageTakesMs, signal);
    return (await vendor(request)) as FakeAnswer;
  });
}

/** What is in the queue is handled when it has been on its way for long enough. */
async function deliverWhatIsThere(world: SyncWorld, sentAt: Map<string, number>): Promise<void> {
  for (const { message } of world.queue.contents) {
    const key = JSON.stringify(message);
    const at = sentAt.get(key) ?? world.clock.now();
    sentAt.set(key, at);
    if (world.clock.now() < at + onItsWayMs) continue;
    const received = world.queue.receive();
    if (received === undefined) return;
    void syncPage({ kind: 'message', message: received.message }, world.deps, signal).then(({ next }) => {
      if (next !== 'redrive') world.queue.delete(received.receiptHandle);
    });
  }
}

/** Resumes, and looks each second for as long. */
async function lookWhile(
  world: SyncWorld,
  resume: () => Promise<readonly Done[]>,
  looks: readonly string[],
  seconds: number,
): Promise<{
  readonly seen: ReadonlyMap<string, readonly Seen[]>;
  readonly done: readonly Done[] | null;
  readonly after: number | null;
}> {
  const seen = new Map<string, Seen[]>(looks.map((stream) => [stream, []]));
  const sentAt = new Map<string, number>();
  const end = { done: null as readonly Done[] | null, after: null as number | null };
  let second = 0;
  void resume().then((done) => {
    end.done = done;
    end.after = second;
  });
  await world.clock.advance(0);
  for (; second < seconds; second += 1) {
    for (const stream of looks) seen.get(stream)?.push(await look(stream, world, second));
    await deliverWhatIsThere(world, sentAt);
    await world.clock.advance(1000);
  }
  return { seen, ...end };
}

function portsOf(world: SyncWorld, waitsFor: WaitsFor = 'a try') {
  const { checkpoints, breakers, clock, queue } = world;
  const run = (stream: string) =>
    runStream(
      { name: stream, byTick: () => false },
      { checkpoints, breakers, queue, clock, newId: world.deps.newId },
    );
  return { checkpoints, breakers, clock, run, waitsFor, where: ' --stack Pagekeeper' };
}

describe('while a stream is resumed, all views', () => {
  const resumeUsers = (world: SyncWorld, waitsFor?: WaitsFor) => async () =>
    tryAtOnce([await resumeStream(users, world)], [...world.streams.keys()], portsOf(world, waitsFor));

  it('agree from the first second to the last, where its page gets through', async () => {
    const world = await haltedWorld(403);
    expect(agreed([await look(users, world, -1)], [])).toEqual(['halted']);
    slowly(world, mobaroWith(60));
    const { seen, done, after } = await lookWhile(world, resumeUsers(world), [users], 40);

    expect(agreed(seen.get(users) ?? [], ['under way', 'at rest'])).toEqual([
      'resumed',
      'under way',
      'at rest',
    ]);
    // One call, and said when its page has come, though the run goes on.
    expect(done).toEqual([
      {
        target: users,
        changed: true,
        sentence: 'mobaro/users has gone on at offset 39: its run is under way.',
      },
    ]);
    expect(after).toBeLessThan(10);
  });

  it('agree where it is halted again, after one call', async () => {
    const world = await haltedWorld(403);
    const before = world.vendor.requests.length;
    slowly(world, () => ({ status: 403 }));
    const { seen, done } = await lookWhile(world, resumeUsers(world), [users], 20);

    expect(agreed(seen.get(users) ?? [], [])).toEqual(['resumed', 'under way', 'halted']);
    expect(world.vendor.requests.length - before).toBe(1);
    expect(done).toEqual([
      {
        ...{ target: users, changed: true, refused: true },
        sentence:
          'mobaro/users was tried at offset 39, and is halted again: the key may not read this stream (403).',
      },
    ]);
  });

  it('agree where the vendor wants it later', async () => {
    const world = await haltedWorld(403);
    slowly(world, () => ({ status: 503, headers: { 'Retry-After': '60' } }));
    const { seen, done } = await lookWhile(world, resumeUsers(world), [users], 20);

    expect(agreed(seen.get(users) ?? [], [])).toEqual(['resumed', 'under way', 'waits']);
    expect(done?.[0]?.sentence).toMatch(
      /^mobaro\/users was tried at offset 39, and is tried again at \d\d:\d\d:\d\d UTC \(HTTP 503\)\.$/,
    );
  });

  it('agree where nobody waits for it, and say at once by when it is tried', async () => {
    const world = await haltedWorld(403);
    slowly(world, mobaroWith(60));
    const { seen, done, after } = await lookWhile(world, resumeUsers(world, 'nothing'), [users], 40);

    expect(agreed(seen.get(users) ?? [], ['under way', 'at rest'])).toEqual([
      'resumed',
      'under way',
      'at rest',
    ]);
    expect(after).toBe(0);
    expect(done?.[0]?.sentence).toBe('mobaro/users goes on at offset 39: resumed 12:00 UTC, tries by 12:01.');
  });

  it('agree where its message cannot be sent, until the watchdog comes by', async () => {
    const world = await haltedWorld(403);
    const ports = { ...portsOf(world), run: null };
    const resume = async () => tryAtOnce([await resumeStream(users, world)], [users], ports);
    const { seen } = await lookWhile(world, resume, [users], 290);

    expect(agreed(seen.get(users) ?? [], ['resumed'])).toEqual(['resumed']);
  });
});

describe('while a connection is resumed, all views', () => {
  const resumeMobaro = (world: SyncWorld) => async () => {
    const streams = [...world.streams.keys()];
    return tryAtOnce(await resumeConnection('mobaro', streams, world), streams, portsOf(world));
  };

  async function refusedWorld(): Promise<SyncWorld> {
    const world = await haltedWorld(401);
    // The other one had met the 401 at the same time.
    const { halt } = await world.checkpoint(users);
    const other = await world.checkpoint(locations);
    await world.checkpoints.replace({ ...other, state: 'halted', outcome: 'unauthorized', halt });
    return world;
  }

  it('agree of the stream that tries the key, and of those that follow it', async () => {
    const world = await refusedWorld();
    for (const stream of [users, locations])
      expect(agreed([await look(stream, world, -1)], [])).toEqual(['halted']);
    const before = world.vendor.requests.length;
    slowly(world, mobaroWith(60));
    const { seen, done } = await lookWhile(world, resumeMobaro(world), [users, locations], 60);

    const [first, second] = [seen.get(locations) ?? [], seen.get(users) ?? []];
    expect(agreed(first, ['under way', 'at rest'])).toEqual(['resumed', 'under way', 'at rest']);
    expect(agreed(second, ['follows', 'resumed', 'under way', 'at rest'])).toEqual([
      ...['follows', 'resumed', 'under way', 'at rest'],
    ]);
    expect(done).toMatchObject([
      {
        target: 'mobaro',
        changed: true,
        sentence: expect.stringMatching(/^The key of mobaro is good: /) as string,
      },
    ]);
    expect(world.vendor.requests.length).toBeGreaterThan(before + 2);
  });

  it('tell the key, which is good, from the stream that tried it and may not be read', async () => {
    const world = await refusedWorld();
    const whole = mobaroWith(60);
    // The first call is that of the stream that tries the key.
    let calls = 0;
    slowly(world, (request) => ((calls += 1) === 1 ? { status: 403 } : whole(request)));
    const { done } = await lookWhile(world, resumeMobaro(world), [users, locations], 60);

    expect(done).toEqual([
      {
        ...{ target: 'mobaro', changed: true },
        sentence: 'The key of mobaro is good, and what it had halted goes on.',
      },
      {
        ...{ target: locations, changed: true, refused: true },
        sentence: expect.stringMatching(
          /^mobaro\/locations was tried at .*, and is halted: the key may not read this stream \(403\)\. Once that is put right: npx pagekeeper resume mobaro\/locations --stack Pagekeeper$/,
        ) as string,
      },
    ]);
    expect(await world.checkpoint(users)).toMatchObject({ halt: null });
  });

  it('agree where the key is refused again, after one call', async () => {
    const world = await refusedWorld();
    const before = world.vendor.requests.length;
    slowly(world, () => ({ status: 401 }));
    const { seen, done } = await lookWhile(world, resumeMobaro(world), [users, locations], 30);

    expect(agreed(seen.get(locations) ?? [], [])).toEqual(['resumed', 'under way', 'halted']);
    expect(agreed(seen.get(users) ?? [], ['follows'])).toEqual(['follows', 'halted']);
    expect(world.vendor.requests.length - before).toBe(1);
    expect(done).toEqual([
      {
        target: 'mobaro',
        changed: true,
        refused: true,
        sentence: 'The vendor refused the key of mobaro again (401).',
      },
    ]);
  });
});
