import { describe, expect, it } from 'vitest';

import type { RecordImage, RecordWrite } from '../../../lib/changes/change.ts';
import { recordDigest } from '../../../lib/changes/forgotten.ts';
import { parseLine } from '../../../lib/changes/line.ts';
import { publish } from '../../../lib/changes/publish.ts';
import { FakeForgotten } from '../../support/fakes/fake-forgotten.ts';
import { FakeLog } from '../../support/fakes/fake-log.ts';

const start = Date.UTC(2026, 10, 30, 9);
const clock = { now: () => start };
const { signal } = new AbortController();
const stream = 'bob/people';

function image(id: string, json = '{}'): RecordImage {
  const changedAt = new Date(start).toISOString();
  return { ...{ stream, id, hash: json, json, changedAt }, ...{ deletedAt: null, run: 'run-1' } };
}

let sequence = 0;
function write(id: string, writtenAt: number, images: Partial<RecordWrite> = {}): RecordWrite {
  sequence += 1;
  return { ...{ before: null, after: image(id) }, ...images, sequence: String(sequence), writtenAt };
}

async function published(forgotten: FakeForgotten, ...writes: readonly RecordWrite[]): Promise<string[]> {
  const log = new FakeLog(clock.now);
  await publish(writes, { log, forgotten, clock, keepsBefore: true }, signal);
  return [...log.objects.values()].flat().map((line) => {
    const { id, op } = parseLine(line);
    return `${id} ${op}`;
  });
}

describe('publishing what was forgotten', () => {
  it('leaves out every write of a record that is held, and no other', async () => {
    const forgotten = new FakeForgotten(clock);
    await forgotten.hold(recordDigest(stream, '1'));
    await forgotten.hold(recordDigest('bob/tasks', '2'));
    expect(
      await published(forgotten, write('1', start), write('2', start), write('1', start + 9000)),
    ).toEqual(['2 created']);
  });

  it('goes on with what was written after the second in which it was forgotten', async () => {
    const forgotten = new FakeForgotten(clock);
    await forgotten.hold(recordDigest(stream, '1'));
    await forgotten.release(recordDigest(stream, '1'), start + 400);
    await forgotten.hold(recordDigest(stream, '2'));
    await forgotten.release(recordDigest(stream, '2'), start);
    expect(await published(forgotten, write('2', start), write('2', start + 1000))).toEqual(['2 created']);
    const gone = { before: image('1'), after: null };
    expect(await published(forgotten, write('1', start - 1000), write('1', start))).toEqual([]);
    expect(await published(forgotten, write('1', start), write('1', start + 1000))).toEqual(['1 created']);
    expect(await published(forgotten, write('1', start, gone))).toEqual(['1 erased']);
  });

  it('looks once a batch, after it has named its objects, and not for a batch without changes', async () => {
    const asked: string[] = [];
    const forgotten = {
      read: async () => {
        asked.push('forgotten');
        return new Map();
      },
    };
    const deps = {
      ...{ forgotten, keepsBefore: false, log: new FakeLog(clock.now) },
      clock: {
        now: () => {
          asked.push('clock');
          return start;
        },
      },
    };
    await publish([write('1', start, { before: image('1') })], deps, signal);
    expect(asked).toEqual(['clock']);
    await publish([write('1', start), write('2', start)], deps, signal);
    expect(asked).toEqual(['clock', 'clock', 'forgotten']);
  });

  it('writes nothing where it cannot know what was forgotten', async () => {
    const log = new FakeLog(clock.now);
    const forgotten = { read: () => Promise.reject(new Error('no table')) };
    await expect(
      publish([write('1', start)], { log, forgotten, clock, keepsBefore: false }, signal),
    ).rejects.toThrow('no table');
    expect(log.objects.size).toBe(0);
  });
});
