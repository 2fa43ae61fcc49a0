import { describe, expect, it } from 'vitest';

import { recordDigest } from '../../../lib/changes/forgotten.ts';
import { parseLine } from '../../../lib/changes/line.ts';
import { replayBatches } from '../../../lib/operations/replay-batches.ts';
import { LogWorld } from '../../support/log-world.ts';

const replay = (world: LogWorld) =>
  replayBatches(world.log, {
    ...{ log: world.log, forgotten: world.forgotten, keepsBefore: false },
    clock: { now: () => (world.now += 1) },
  });

const lines = (world: LogWorld) =>
  [...world.log.objects]
    .filter(([key]) => key.startsWith('changes/'))
    .flatMap(([, ofObject]) => ofObject.map(parseLine));

async function failed(): Promise<LogWorld> {
  const world = new LogWorld();
  for (const id of ['1', '2']) world.give(id);
  await world.fail(1);
  await world.fail(1);
  return world;
}

describe('replaying failed batches', () => {
  it('publishes their lines with the sequence that they had, and takes the batches away', async () => {
    const world = await failed();
    expect(await replay(world)).toEqual({ batches: 2, lines: 2, unreadable: 0 });
    expect(lines(world).map(({ id, sequence }) => [id, Number(sequence)])).toEqual([
      ['1', 1],
      ['2', 2],
    ]);
    expect([...world.log.objects.keys()].filter((key) => key.startsWith('aws/'))).toEqual([]);
    expect(await replay(world)).toEqual({ batches: 0, lines: 0, unreadable: 0 });
  });

  it('leaves out what was forgotten', async () => {
    const world = await failed();
    await world.forgotten.hold(recordDigest(world.stream, '1'));
    expect(await replay(world)).toEqual({ batches: 2, lines: 1, unreadable: 0 });
    expect(lines(world).map(({ id }) => id)).toEqual(['2']);
  });

  it('leaves what it cannot read where it is, and goes on with the others', async () => {
    const world = await failed();
    const newer = [...world.log.objects.entries()][0]!;
    world.log.objects.set('aws/lambda/newer', [
      newer[1][0]!.replaceAll('\\"N\\":\\"1\\"', '\\"N\\":\\"99\\"'),
    ]);
    world.log.objects.set('aws/lambda/notes', ['SALARY 9']);
    expect(await replay(world)).toEqual({ batches: 2, lines: 2, unreadable: 2 });
    expect([...world.log.objects.keys()].filter((key) => key.startsWith('aws/'))).toEqual([
      'aws/lambda/newer',
      'aws/lambda/notes',
    ]);
  });

  it('keeps a batch of which not all has been published', async () => {
    const world = await failed();
    const { put } = world.log;
    world.log.put = () => Promise.reject(new Error('SlowDown'));
    await expect(replay(world)).rejects.toThrow('SlowDown');
    world.log.put = put;
    expect(await replay(world)).toMatchObject({ batches: 2, lines: 2 });
  });

  it('publishes once more what somebody has changed meanwhile', async () => {
    const world = await failed();
    const [[key, text]] = [...world.log.objects] as [[string, readonly string[]]];
    const { put } = world.log;
    let isChanged = false;
    let puts = 0;
    world.log.put = async (...object) => {
      puts += 1;
      if (!isChanged) world.log.objects.set(key, [text[0]!.replace('"version":"1.0"', '"version":"1.1"')]);
      isChanged = true;
      return put.apply(world.log, object);
    };
    expect(await replay(world)).toMatchObject({ batches: 2, lines: 2 });
    // In the same moment it is the same object; later it would be another one, with the same line.
    expect(puts).toBe(3);
    expect(lines(world).map(({ sequence }) => Number(sequence))).toEqual([1, 2]);
    expect(world.log.objects.has(key)).toBe(false);
  });
});
