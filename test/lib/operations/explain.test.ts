import { describe, expect, it } from 'vitest';

import { explainStream, stepsInWords, whatNext, type Carriers } from '../../../lib/operations/explain.ts';
import { ofDeployments } from '../../../lib/operations/words.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { mobaroWith, SyncWorld } from '../../support/sync-world.ts';

const name = 'mobaro/users';
const now = Date.parse('2026-11-22T10:00:00Z');
const carriers: Carriers = {
  now,
  nextTick: now + 60_000,
  ...ofDeployments,
  takesKey: true,
  where: ' --stack Pagekeeper',
};

describe('explainStream', () => {
  it('tells runs with their pages, waits and ends, and holds nothing of a record', async () => {
    const whole = mobaroWith(60);
    let refusals = 2;
    const world = new SyncWorld({
      vendor: (request) =>
        request.url.includes('Offset=19') && refusals-- > 0 ? { status: 503 } : whole(request),
    });
    await world.tick();
    await world.drain();
    await world.clock.advance(900_000);
    world.vendor.handle(() => ({ status: 404 }));
    await world.tick();

    const told = await explainStream(name, world, { ...carriers, now: world.clock.now() });

    expect(told.runs.map(({ events }) => events.map(({ sentence }) => sentence))).toEqual([
      [
        expect.stringMatching(/^waits for its next try \(HTTP 503\), 2 times within \d+ s; 1 page so far$/),
        'synced to its end: 4 pages, 60 records written',
      ],
      ['the vendor knows no such stream (404) (HTTP 404); 0 pages so far'],
    ]);
    expect(told.next).toMatch(
      /^It has made no call for 0 s: .*Fix that, then: npx pagekeeper resume mobaro\/users --stack Pagekeeper$/,
    );
    expect(told).toMatchObject({ nextAt: null, haltedSince: new Date(world.clock.now()).toISOString() });
    expect(JSON.stringify(told)).not.toContain('row-');
  });

  it('names the fields that nobody has', async () => {
    const world = new SyncWorld();
    const ask = async () => (await explainStream(name, world, carriers)).fields;
    expect(await ask()).toBeNull();
    const coverage = {
      absent: ['work.title', 'payroll.salary'],
      first: null,
      definition: 'hash',
      withheld: [],
    };
    await world.checkpoints.replace({ ...newCheckpoint(name), coverage });
    expect(await ask()).toBe(
      'It requests fields that no row of its last whole run had: work.title, payroll.salary. They are empty in every row, or the key may not see them.',
    );
  });

  it('names what it waits for where nothing is written, and what to type if that is right', async () => {
    const world = new SyncWorld();
    const withheld = ['payroll.salary'];
    const coverage = { absent: [], first: null, definition: 'hash', withheld };
    await world.checkpoints.replace({ ...newCheckpoint(name), coverage });
    expect((await explainStream(name, world, carriers)).next).toMatch(
      / It writes nothing as long as nothing of payroll comes\. Only if that is right: npx pagekeeper allow-empty-fields mobaro\/users --stack Pagekeeper$/,
    );
  });

  it('names the key before everything else', async () => {
    const world = new SyncWorld();
    await world.breakers.replace({ ...newBreaker('mobaro'), state: 'open', secretVersion: 'v', openedAt: 1 });

    const told = await explainStream(name, world, carriers);
    expect(told.steps.map(({ command }) => command)).toEqual([
      'npx pagekeeper fix mobaro --stack Pagekeeper',
    ]);
    const atRest = { ...carriers, tick: 'the next npm start', watched: false, takesKey: false, where: '' };
    expect((await explainStream(name, world, atRest)).next).toBe(
      'The vendor refused the key of mobaro: nothing is called until npm start is given another one, or it is tried again: npx pagekeeper resume mobaro',
    );
  });
});

describe('whatNext', () => {
  const position = { kind: 'offset', offset: 40 } as const;
  const open: Partial<Checkpoint> = { run: 'run', revision: 3, position };
  const readUntil = (nextAt: number): Checkpoint['readUntil'] => ({
    ...{ at: 1, definition: 'hash', whole: { at: 1, nextAt } },
  });

  it.each([
    [{}, 'It has never run. It starts with the next tick, due in 1 min.', 60_000],
    [
      { revision: 1, readUntil: readUntil(now + 3 * 86_400_000) },
      /^It starts anew with the next tick, due in 1 min, and walks what has changed; the whole list is walked again in 3 d\.$/,
      60_000,
    ],
    [{ revision: 1, readUntil: readUntil(now) }, /due in 1 min, and walks the whole list\.$/, 60_000],
    [{ revision: 1 }, /^It starts anew with the next tick, due in 1 min\.$/, 60_000],
    [
      { ...open, state: 'running', lease: { holder: 'h', until: now + 70_000 } },
      'A page is under way at offset 40; it is given up after 1 min 10 s at the latest, and tried again.',
      70_000,
    ],
    [
      { ...open, state: 'running', retryAt: now + 5000, reason: 'HTTP 429' },
      'The page at offset 40 is tried again in 5 s (HTTP 429).',
      5000,
    ],
    [{ ...open, state: 'running' }, /^Its run goes on at offset 40/, 60_000],
    [{ ...open, state: 'parked', retryAt: now + 5000 }, /^It waits another 5 s;/, 5000],
    [{ ...open, state: 'parked', retryAt: now }, /^It goes on at offset 40 with the next tick/, 60_000],
    [
      { ...open, state: 'exhausted', reason: 'HTTP 503' },
      'Its tries are spent (HTTP 503). One page of all that share its limit asks again, after pauses of 30 s to 5 min; it goes on at offset 40 when that is answered; at once: npx pagekeeper run mobaro/users --stack Pagekeeper',
      null,
    ],
    [{ ...open, state: 'paused' }, /^A person has paused it\. It goes on at offset 40 after: npx/, null],
  ] as const)('of %j', (more, words, inMs) => {
    const { steps, at } = whatNext({ ...newCheckpoint(name), ...more }, carriers);
    const text = stepsInWords(steps);
    expect(at).toBe(inMs === null ? null : now + inMs);
    if (typeof words === 'string') expect(text).toBe(words);
    else expect(text).toMatch(words);
  });

  it('of a laptop on which nothing probes', () => {
    const { steps, at } = whatNext(
      { ...newCheckpoint(name), ...open, state: 'exhausted' },
      { ...carriers, tick: 'the next npm start', nextTick: null, watched: false },
    );
    expect(at).toBeNull();
    expect(stepsInWords(steps)).toMatch(
      /^Its tries are spent\. It goes on at offset 40 with the next npm start; at once: npx/,
    );
  });
});
