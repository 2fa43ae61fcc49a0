import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { recordDigest } from '../../../lib/changes/forgotten.ts';
import {
  forgetInLog,
  lookedInWords,
  paceOfFunctions,
  paceOfNobody,
  type LogForgetting,
  type Pace,
} from '../../../lib/operations/forget-in-log.ts';
import { LogWorld, type Skews } from '../../support/log-world.ts';

const { signal } = new AbortController();
const [meant, other] = ['users/1-A', 'users/2-B'];

interface Forgetting {
  readonly pace?: Pace;
  /** Before each thing that the command does. */
  readonly meanwhile?: () => Promise<void>;
}

/** @returns what it did, what it told, and the last content that it has erased */
async function forget(world: LogWorld, { pace = paceOfFunctions, meanwhile }: Forgetting = {}) {
  const told: string[] = [];
  let last = 0;
  const between = async <T>(act: () => Promise<T> | T): Promise<T> => {
    await meanwhile?.();
    return act();
  };
  const { log, forgotten } = world;
  const deps: LogForgetting = {
    log: {
      sizes: (prefix, from) => log.sizes(prefix, from),
      readVersion: (key) => between(() => log.readVersion(key)),
      replace: (key, next) => between(() => log.replace(key, next)),
      remove: (key, etag) => between(() => log.remove(key, etag)),
      now: () => between(() => log.now()),
    },
    forgotten: {
      read: () => forgotten.read(),
      hold: (digest) => between(() => forgotten.hold(digest)),
      release: (digest, until) => between(() => forgotten.release(digest, until)),
    },
    clock: {
      sleep: async (ms) => {
        // In pieces, so that something may happen in between.
        for (let left = ms; left > 0; left -= 5000) {
          await meanwhile?.();
          await world.inTurn(() => world.pass(Math.min(left, 5000)));
        }
      },
    },
    ...{ pace, tell: (sentence) => void told.push(sentence) },
  };
  const erase = () =>
    between(() => {
      last = Math.max(last, world.table.get(meant) ?? 0);
      return world.erase(meant);
    });
  const { erased, looked } = await forgetInLog({ stream: world.stream, id: meant }, erase, deps, signal);
  return { erased, looked, told, last };
}

/** Two records, published twice over, in a snapshot and in a batch that has failed. */
async function filled(): Promise<LogWorld> {
  const world = new LogWorld();
  for (const id of [meant, other, meant]) world.give(id);
  await world.startPublisher(500);
  await world.pass(120_000);
  await world.startSnapshot();
  await world.pass(120_000);
  await world.goOnWithSnapshots();
  for (const id of [other, meant]) world.give(id);
  await world.fail(500);
  return world;
}

describe('forgetting a record where there is a change log', () => {
  it('takes what it was out of changes, snapshots and failed batches, and leaves the others', async () => {
    const world = await filled();
    expect(world.contents()).toEqual(new Set([1, 2, 3, 4, 5]));
    const { erased, looked, told } = await forget(world);
    expect(erased.wasStored).toBe(true);
    // Of the failed batch both images of the other record stand there.
    expect(world.contents()).toEqual(new Set([2, 4]));
    expect(looked).toMatchObject({ objects: 3, rewritten: 3, unreadable: 0 });
    expect(looked.bytes).toBe(looked.rewrittenBytes);
    expect(told).toEqual([
      'Looking through the change log.',
      'Waiting up to 120 s for functions that began before, and may still write what they have read.',
    ]);
    await world.settle();
    expect(world.read(true)).toEqual(new Map([[other, 4]]));
    expect(world.read(false)).toEqual(new Map([[other, 4]]));
  });

  it('says no id, and does the same again without harm', async () => {
    const world = await filled();
    const first = await forget(world);
    const again = await forget(world);
    expect(again.erased.wasStored).toBe(false);
    expect(again.looked).toMatchObject({ objects: 3, rewritten: 0 });
    const said = [...first.told, ...again.told, lookedInWords(first.looked), lookedInWords(again.looked)];
    expect(said.join()).not.toContain('1-A');
    expect(lookedInWords(again.looked)).toMatch(
      /^3 objects \(.*\) of the change log have been looked through, and none of them held it\. Out of reach/,
    );
  });

  it('deletes an object of which nothing is left', async () => {
    const world = new LogWorld();
    world.give(meant);
    await world.startPublisher(1);
    await world.pass(60_000);
    world.give(meant);
    await world.fail(1);
    expect(world.log.objects.size).toBe(2);
    expect((await forget(world)).looked.rewritten).toBe(2);
    expect(world.log.objects.size).toBe(0);
  });

  it('waits for nothing but the end of the second where nothing is under way', async () => {
    const world = await filled();
    const begun = world.now;
    const { told } = await forget(world, { pace: paceOfNobody });
    expect(world.now - begun).toBeLessThanOrEqual(2000);
    expect(told).toEqual(['Looking through the change log.']);
    expect(world.contents()).toEqual(new Set([2, 4]));
  });

  it('goes on with an object that somebody else has changed meanwhile', async () => {
    const world = await filled();
    const changes = [...world.log.objects.keys()].find((key) => key.startsWith('changes/'))!;
    const { replace } = world.log;
    let changed = false;
    world.log.replace = async (key, next) => {
      if (key === changes && !changed) {
        changed = true;
        world.log.objects.set(key, world.log.objects.get(key)!.slice(0, 2));
      }
      return replace.call(world.log, key, next);
    };
    await forget(world);
    expect(world.log.objects.get(changes)).toHaveLength(1);
    expect(world.contents()).toEqual(new Set([2, 4]));
  });

  it('tells of objects that nobody can read, and takes it out of the others', async () => {
    const world = await filled();
    world.log.objects.set('aws/lambda/notes', ['SALARY 9']);
    const named = [...world.log.objects.keys()].find((key) => key.startsWith('changes/'));
    const damaged = named!.replace('-000', '-900');
    world.log.objects.set(damaged, [`{"stream":"bob/people","id":"${meant}",`]);
    const { looked } = await forget(world);
    expect(looked).toMatchObject({ objects: 5, rewritten: 3, unreadable: 2 });
    expect(lookedInWords(looked)).toContain('2 of them could not be read, and may still hold it');
    expect(lookedInWords(looked)).not.toMatch(/SALARY|1-A/);
  });

  it('holds nothing back where the log cannot be reached', async () => {
    const world = await filled();
    const meanwhile = () => Promise.reject(new Error('AccessDenied'));
    await expect(forget(world, { meanwhile })).rejects.toThrow('AccessDenied');
    expect(world.table.has(meant)).toBe(true);
    expect([...(await world.forgotten.read())]).toEqual([]);
  });

  it('erases again what a run stores before the second is over, so that the log lacks nothing of the table', async () => {
    const world = await filled();
    let given = 0;
    const meanwhile = async () => {
      const until = (await world.forgotten.read()).get(recordDigest(world.stream, meant));
      if (until !== undefined && given < 3) given = world.give(meant) && given + 1;
    };
    await forget(world, { meanwhile });
    expect(world.table.has(meant)).toBe(false);
    await world.settle();
    expect(world.read(false)).toEqual(new Map([[other, 4]]));
  });

  it('says sizes as a person reads them', () => {
    const looked = { objects: 1200, bytes: 12_345_678, rewritten: 2, rewrittenBytes: 999, unreadable: 0 };
    expect(lookedInWords(looked)).toContain('1200 objects (12.3 MB)');
    expect(lookedInWords(looked)).toContain('2 of them (999 bytes) have been written again without it.');
    const one = { ...looked, objects: 1, bytes: 5, rewritten: 1, rewrittenBytes: 5 };
    expect(lookedInWords(one)).toContain(
      '1 object (5 bytes) of the change log has been looked through, and 1 of them (5 bytes) has been written again',
    );
  });
});

type Step =
  | { readonly kind: 'give'; readonly id: string }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'publish' | 'fail'; readonly size: number }
  | { readonly kind: 'finish'; readonly which: number }
  | { readonly kind: 'snapshot' | 'part' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('give'), id: fc.constantFrom(meant, other) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass'), ms: fc.integer({ min: 1, max: 4000 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('publish'), size: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail'), size: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('finish'), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('snapshot', 'part') }) },
);

async function take(world: LogWorld, next: Step): Promise<void> {
  switch (next.kind) {
    case 'give':
      world.give(next.id);
      return;
    case 'pass':
      return world.pass(next.ms);
    case 'publish':
      return world.startPublisher(next.size);
    case 'fail':
      return world.fail(next.size);
    case 'finish':
      return world.finishOne(next.which);
    case 'snapshot':
      return world.startSnapshot();
    case 'part':
      return world.goOnWithSnapshots();
  }
}

describe('whatever happens meanwhile', () => {
  const steps = (maxLength: number) => fc.array(step, { maxLength, size: 'max' });
  const skew = fc.constantFrom(-1000, 0, 1000);
  const skews: fc.Arbitrary<Skews> = fc.record({ table: skew, functions: skew });

  it('nothing of what was is left in the log, and the log has what the table has', async () => {
    await fc.assert(
      fc.asyncProperty(
        ...([skews, steps(25), steps(60), steps(15), fc.boolean()] as const),
        async (of, before, during, after, isForgottenByTwo) => {
          const world = new LogWorld(of);
          for (const next of before) await take(world, next);
          const left = [...during];
          const meanwhile = () =>
            world.inTurn(async () => {
              const next = left.shift();
              if (next !== undefined) await take(world, next);
            });
          const people = isForgottenByTwo ? [1, 2] : [1];
          const ends = await Promise.all(people.map(() => forget(world, { meanwhile })));
          for (const next of after) await take(world, next);
          await world.settle();

          const last = Math.max(...ends.map((end) => end.last));
          const ofTable = [...world.table].sort();
          expect([...world.read(false)]).toEqual(ofTable);
          expect([...world.read(true)]).toEqual(ofTable);
          expect(
            [...world.contents()].filter((one) => one <= last && world.ofRecord(meant).has(one)),
          ).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});
