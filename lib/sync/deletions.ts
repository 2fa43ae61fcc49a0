import type { Checkpoint, RunProgress } from './checkpoint.ts';
import type { StreamSettings } from './settings.ts';

/**
 * When absence means deletion: pure. A row that a run has not seen has gone only if the run would have seen it, and many
 * at once are more likely a mistake than the truth.
 */

/**
 * What stands against deleting anything after the run that has just come to its end; null if nothing does.
 * @param progress with the last page counted in
 * @param trusted what the complete run before was requested with
 */
export function doubtOf(progress: RunProgress | null, trusted: string | null): string | null {
  if (progress === null || progress.partial) return 'the vendor left something out';
  // What has gone meanwhile was counted among the rows seen: one that only changed its place could hide behind it.
  if (progress.setbacks > 0) return 'the walk had to step back or begin anew on its way';
  if (progress.requestFingerprint !== trusted)
    return 'it is the first complete run with this key and definition';
  return null;
}

/** What a person has allowed is about what that person saw: some days later it may be something else that is missing. */
export const allowanceLastsMs = 7 * 86_400_000;

/** @returns how many deletions a person has allowed, if that holds still */
export function allowanceOf(
  { allowed, allowedUntil }: Pick<Checkpoint, 'allowed' | 'allowedUntil'>,
  now: number,
): number | null {
  return allowedUntil !== null && allowedUntil < now ? null : allowed;
}

export type Judgement =
  | { readonly kind: 'nothing to delete' }
  | { readonly kind: 'delete' }
  /** A person is to look at it first. */
  | { readonly kind: 'hold'; readonly reason: string };

/**
 * @param counted records that are not deleted, and those of them that the run has not seen
 * @param seen how many rows the run has seen
 * @param allowed so many deletions a person has allowed
 */
export function judgeDeletions(
  counted: { readonly live: number; readonly gone: number },
  seen: number,
  allowed: number | null,
  guard: StreamSettings['deletionGuard'] & { readonly mayBeEmpty: boolean },
): Judgement {
  const { live, gone } = counted;
  if (gone === 0) return { kind: 'nothing to delete' };
  if (allowed !== null && gone <= allowed) return { kind: 'delete' };
  if (seen === 0 && !guard.mayBeEmpty) {
    return { kind: 'hold', reason: `the vendor gives no rows at all, and ${live} are stored` };
  }
  if (gone > guard.rows && gone * 100 > live * guard.percent) {
    return { kind: 'hold', reason: `the vendor does not give ${gone} of ${live} records any more` };
  }
  return { kind: 'delete' };
}
