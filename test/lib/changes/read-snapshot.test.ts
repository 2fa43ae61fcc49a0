import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Change } from '../../../lib/changes/change.ts';
import { onTopOf } from '../../../lib/changes/read-snapshot.ts';

const begunAt = Date.UTC(2026, 10, 30, 9);
const hourMs = 3_600_000;
const snapshots = [
  { stream: 'bob/people', begunAt: new Date(begunAt).toISOString() },
  { stream: 'bob/work', begunAt: new Date(begunAt + 24 * hourMs).toISOString() },
];

function change(at: number, stream = 'bob/people'): Change {
  const line = { stream, id: '1', op: 'changed', run: 'run-1', json: '{}', before: null } as const;
  return { ...line, at: new Date(at).toISOString(), sequence: '1'.padStart(40, '0') };
}

/** What is left of some lines, and what the reading of them came to. */
async function left(changes: readonly Change[], of = snapshots): Promise<[Change[], string]> {
  const reading = async function* (): AsyncGenerator<Change, string, undefined> {
    yield* changes;
    return 'the end';
  };
  const lines: Change[] = [];
  const onTop = onTopOf(of, reading());
  for (;;) {
    const next = await onTop.next();
    if (next.done === true) return [lines, next.value];
    lines.push(next.value);
  }
}

describe('changes on top of a snapshot', () => {
  it('are without those of more than an hour before it was begun, which it has', async () => {
    const old = change(begunAt - hourMs - 1);
    const [latest, later] = [change(begunAt - hourMs), change(begunAt + 1)];
    expect(await left([old, latest, old, later])).toEqual([[latest, later], 'the end']);
  });

  it('are told apart by the snapshot of their own stream', async () => {
    const [people, work] = [change(begunAt), change(begunAt, 'bob/work')];
    expect((await left([people, work]))[0]).toEqual([people]);
  });

  it('are all of them where there is no snapshot', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2 * begunAt })), async (times) => {
        const changes = times.map((at) => change(at, 'mobaro/users'));
        expect(await left(changes)).toEqual([changes, 'the end']);
        expect(await left(changes, [])).toEqual([changes, 'the end']);
      }),
    );
  });
});
