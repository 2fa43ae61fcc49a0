import { pageSizeIn, type StreamDefinition } from '../connectors/connector.ts';
import type { Checkpoint, RunProgress } from './checkpoint.ts';
import type { Stream } from './settings.ts';

type Run = Pick<Checkpoint, 'progress' | 'sequence'>;

/** Rows to request in a page; null where the vendor takes no such number. A run one of whose pages was too long requests fewer. */
export function pageSizeOf(
  { progress }: Pick<Run, 'progress'>,
  { definition, settings }: Stream,
): number | null {
  const size = pageSizeIn(definition.paging);
  if (size === null) return null;
  const chosen = settings.pageSize ?? size.default;
  return Math.min(chosen, progress?.smaller?.rows ?? chosen);
}

/** What becomes of a page that was too long. */
export interface TooLong {
  /** What the run requests from now on; absent where it can request nothing smaller. */
  readonly smaller?: NonNullable<RunProgress['smaller']>;
  /** It is requested again at once: every page but once, for each try downloads as much as the cap. */
  readonly isTriedAgain: boolean;
  /** For people, behind what was too long. */
  readonly advice: string;
}

const remedy = 'a larger maxPageMb, with the memoryMb for it, lets it through';

export function afterTooLong(run: Run, stream: Stream): TooLong {
  const rows = pageSizeOf(run, stream);
  if (rows === null) return { isTriedAgain: false, advice: `the vendor takes no pageSize here; ${remedy}` };
  const half = halfOf(rows, stream.definition.paging.kind);
  if (half === rows)
    return { isTriedAgain: false, advice: `pageSize was ${rows} and cannot be halved; ${remedy}` };
  const smaller = { rows: half, at: run.sequence };
  return run.progress?.smaller?.at === run.sequence
    ? { smaller, isTriedAgain: false, advice: `pageSize was ${rows}; the next probe requests ${half}` }
    : { smaller, isTriedAgain: true, advice: `pageSize was ${rows}; it is requested once more with ${half}` };
}

/** Where pages overlap by a row, two are the fewest that lead on. */
function halfOf(rows: number, paging: StreamDefinition['paging']['kind']): number {
  const fewest = paging === 'offset' || paging === 'page' || paging === 'keyset' ? 2 : 1;
  return Math.min(rows, Math.max(fewest, Math.floor(rows / 2)));
}
