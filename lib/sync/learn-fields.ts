import { createHash } from 'node:crypto';

import { isFull } from '../connectors/connector.ts';
import { pagesInMemory, type Checkpoint, type Claimed } from './checkpoint.ts';
import { definitionHash } from './definition-hash.ts';
import { faultOf } from './fault.ts';
import { stopAt } from './recall.ts';
import { mixedFingerprints } from './request-fingerprint.ts';
import { learn, type RunFields, type Schema, type SchemaChange } from './schema.ts';
import type { Stream } from './settings.ts';
import type { Work } from './work.ts';

/** A schema of which nothing is news is written again after so long: then it knows what still comes, and how often. */
const restMs = 20 * 3600_000;

/**
 * Learns what fields the rows of a run have had that has ended with this step. Nothing rests on it: where it cannot be done, or
 * the function is killed before it has been, the next run is learned from.
 */
export async function learnFields(stored: Checkpoint, claimed: Claimed, work: Work): Promise<void> {
  const { deps, stream, signal } = work;
  const { run, progress } = stored;
  if (run !== null || progress === null || progress.records === 0) return;
  // Of pages that were requested with something else than others.
  if (progress.requestFingerprint === mixedFingerprints) return;
  try {
    const within = { until: stopAt(claimed), signal };
    const [before, found] = await Promise.all([
      deps.schemas.read(stream.name),
      // The page of this step is among them.
      deps.seenRows.fieldsOf(stream.name, claimed.run, pagesInMemory(stored), within),
    ]);
    if (found === null || found.counts.rows === 0 || before?.run === claimed.run) return;
    const learned = learn(before, stream.name, {
      ...{ run: claimed.run, at: stored.completedAt ?? stored.movedAt, counts: found.counts },
      ...{ definition: fieldsDefinition(stream), gave: whatItGave(stored, stream, found.isSample) },
    });
    if (learned === null || !isWorthWriting(before, learned.schema, learned.changes)) return;
    await deps.schemas.replace(learned.schema, learned.changes);
  } catch (error) {
    if (!signal.aborted) deps.faults.note(stream.name, faultOf(error));
  }
}

/** Of a suspicious run it is not known whether the vendor gave what there is. */
function whatItGave(
  { outcome, doubtedSince, progress }: Checkpoint,
  { definition }: Stream,
  isSample: boolean,
): RunFields['gave'] {
  if (!isFull(definition) || (progress?.changesSince ?? null) !== null) return 'news';
  if (outcome !== 'complete' || doubtedSince !== null || progress?.unwritten === true) return 'some';
  return isSample ? 'sample' : 'all';
}

function isWorthWriting(
  before: Schema | undefined,
  { learnedAt, definition, isUnsettled }: Schema,
  changes: readonly SchemaChange[],
): boolean {
  if (before === undefined || changes.length > 0) return true;
  if (definition !== before.definition || isUnsettled !== before.isUnsettled) return true;
  return learnedAt - before.learnedAt >= restMs;
}

/** What is requested, and what of it is kept. */
function fieldsDefinition(stream: Stream): string {
  const { omit, mask } = stream.settings;
  if (omit.length === 0 && mask.length === 0) return definitionHash(stream);
  return createHash('sha256')
    .update(JSON.stringify([definitionHash(stream), omit, mask]))
    .digest('base64url')
    .slice(0, 16);
}
