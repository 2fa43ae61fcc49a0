import { beginningOf, walkOf, withWalk, type FilePosition } from '../paging/position.ts';
import { basisNow } from './basis.ts';
import type { Checkpoint } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { goBack } from './go-back.ts';
import { goOn } from './go-on.ts';
import type { Reading } from './read-answer.ts';
import type { PageReport } from './report.ts';
import { turned } from './transitions.ts';
import { lost, publish, type Work } from './work.ts';

/** A file that has not been written by then never will be: it is asked for anew. */
const longestWaitMs = 60 * 60_000;

/** Looks for the file again after a while. */
export async function awaitFile(
  reading: Extract<Reading, { kind: 'started' | 'not yet' }>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps } = work;
  const { status } = reading;
  const { paging } = work.stream.definition;
  const now = deps.clock.now();
  const walk = walkOf(held.position);
  const file = reading.kind === 'started' ? fileOf(reading.name, now) : walk;
  if (file?.kind !== 'file' || paging.kind !== 'file') throw new Error('No file is waited for');
  if (now - file.since > longestWaitMs) {
    const reason = 'the file has not been written within an hour';
    return goBack({ position: beginningOf(held.position), reason }, status, held, work);
  }
  const position = withWalk(held.position, file);
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    turned(
      checkpoint,
      { position, status, basis: basisNow(work), retryAt: now + paging.pollSeconds * 1000 },
      deps.clock.now(),
    ),
  );
  if (after === undefined) return { ...lost(work, held), requests: 1, status };
  publish(work, held, after);
  return goOn(after, { reason: null, status, requests: 1 }, held, work);
}

function fileOf(name: string, since: number): FilePosition {
  return { kind: 'file', name, since };
}
