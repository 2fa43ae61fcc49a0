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

/** The walk goes on from an earlier position, or from the beginning (null). */
export async function goBack(
  position: Position | null,
  found: { readonly status: number | null; readonly reason: string },
  held: Checkpoint,
  work: Work,
): Promise<PageReport> {
  const { deps, stream } = work;
  const { setbacks = 0, pages = 0 } = held.progress ?? {};
  const kind = walkOf(held.position)?.kind;
  const isByOffset = kind === 'offset' || kind === 'steps';
  const hopeless = setbacks >= (isByOffset ? mostSteps + Math.floor(pages / 4) : mostRestarts);
  const after = await settle(deps.checkpoints, held, (checkpoint) =>
    hopeless
      ? drifted(checkpoint, found, deps.clock.now())
      : setBack(checkpoint, { ...found, position, by: carrierOf(stream, position) }, deps.clock.now()),
  );
  // Without a status nobody was asked: something of ours that the page needs has been forgotten.
  const requests = found.status === null ? 0 : 1;
  if (after === undefined) return { ...lost(work, held), requests, status: found.status };
  publish(work, held, after);
  return goOn(after, { ...found, requests }, held, work);
}
