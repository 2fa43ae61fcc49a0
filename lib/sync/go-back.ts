import { walkOf, type Position } from '../paging/position.ts';
import type { Checkpoint } from './checkpoint.ts';
import { settle } from './compare-and-swap.ts';
import { carrierOf, goOn } from './go-on.ts';
import type { PageReport } from './report.ts';
import { drifted, setBack } from './transitions.ts';
import { lost, publish, type Work } from './work.ts';

/** So often may a run step back, and once more for every four pages; a list whose rows go faster cannot be walked. */
const mostSteps = 20;
/** And so often begin anew, which costs the whole walk. */
const mostRestarts = 1;

/** Where the walk goes on from; the page that led there does not count. */
export interface Back {
  /** An earlier place, or the beginning (null). */
  readonly position: Position | null;
  readonly reason: string;
  /** Nothing has moved: it is tried out what the vendor means by an offset. */
  readonly isTrial?: boolean;
}

/** @param status of the answer; null where nobody was asked, for something of ours that the page needs has been forgotten */
export async function goBack(
  { position, reason, isTrial = false }: Back,
  status: number | null,
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const { setbacks = 0, pages = 0 } = held.progress ?? {};
  const kind = walkOf(held.position)?.kind;
  const isByOffset = kind === 'offset' || kind === 'steps';
  const most = isByOffset ? mostSteps + Math.floor(pages / 4) : mostRestarts;
  const hopeless = !isTrial && setbacks >= most;
  const found = { status, reason };
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    hopeless
      ? drifted(checkpoint, found, deps.clock.now())
      : setBack(
          checkpoint,
          { ...found, isTrial, position, by: carrierOf(stream, position) },
          deps.clock.now(),
        ),
  );
  const requests = status === null ? 0 : 1;
  if (after === undefined) return { ...lost(work, held), requests, status };
  publish(work, held, after);
  return goOn(after, { ...found, requests }, held, work);
}
