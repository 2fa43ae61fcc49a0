import { walkOf } from '../paging/position.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { PageReport } from './report.ts';
import type { Stream } from './settings.ts';
import { report, type Done, type Work } from './work.ts';

/**
 * What carries an open run on. Between the ticks of a `nextTick` stream there is no message while all goes well; but a sweep
 * asks the vendor nothing, and to wait a tick for each part of it would only make the run older; and a file that is being
 * written may be gone by the next tick.
 */
export function carrierOf({ settings }: Stream, position: Checkpoint['position']): 'message' | 'tick' {
  return waitsForTick(position) && settings.continuation === 'nextTick' ? 'tick' : 'message';
}

function waitsForTick(position: Checkpoint['position']): boolean {
  return position?.kind !== 'sweep' && walkOf(position)?.kind !== 'file';
}

/** Something has been stored: sends for what comes next, where there is more and a message is to carry it. */
export async function goOn(
  after: Checkpoint,
  done: Pick<Done, 'reason' | 'status' | 'counts' | 'requests' | 'deleted'>,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const open = after.run !== null && after.state === 'running';
  const by = carrierOf(stream, after.position);
  if (open && by === 'message') {
    const wait = after.retryAt === null ? 0 : Math.max(0, after.retryAt - deps.clock.now());
    const message = { v: 1, stream: stream.name, run: after.run, sequence: after.sequence } as const;
    await deps.queue.send(message, Math.ceil(wait / 1000));
  }
  return report(work, after, {
    outcome: 'fetched',
    next: open ? (by === 'message' ? 'continue' : 'tick') : 'none',
    attempt: held.attempt,
    run: held.run,
    sequence: held.sequence,
    ...done,
  });
}
