import { createHash } from 'node:crypto';

import { isFull } from '../connectors/connector.ts';
import { pagesInMemory, type Checkpoint, type Claimed } from './checkpoint.ts';
import { definitionHash } from './definition-hash.ts';
import { faultOf } from './fault.ts';
import { stopAt } from './recall.ts';
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
  if (stored.run !== null || (stored.progress?.records ?? 0) === 0) return;
  try {
    const within = { until: stopAt(claimed), signal };
    // The page of this step is among them.
    const pages = pagesInMemory(stored);
    const [before, counts] = await Promise.all([
      deps.schemas.read(stream.name),
      deps.seenRows.fieldsOf(stream.name, claimed.run, pages, within),
    ]);
    if (counts === null || counts.rows === 0 || before?.run === claimed.run) return;
    const at = stored.completedAt ?? stored.movedAt;
    const fields = {
      run: claimed.run,
      at,
      definition: fieldsDefinition(stream),
      gave: whatItGave(stored, stream),
      counts,
    };
    const { schema, changes } = learn(before, stream.name, fields);
    if (before !== undefined && !isWorthWriting(before, schema, changes)) return;
    if ((await deps.schemas.replace(schema, changes)) === undefined) return;
    const misfits = changes.filter(isMisfit).length;
    if (misfits > 0) deps.measurements.misfits(misfits);
  } catch (error) {
    if (!signal.aborted) deps.faults.note(stream.name, faultOf(error));
  }
}

function whatItGave(
  { outcome, doubtedSince, progress }: Checkpoint,
  { definition }: Stream,
): RunFields['gave'] {
  if (!isFull(definition)) return 'news';
  const isWhole = (outcome === 'complete' || outcome === 'suspicious') && doubtedSince === null;
  return isWhole && progress?.unwritten !== true ? 'all' : 'some';
}

function isWorthWriting(
  before: Schema,
  { learnedAt, definition }: Schema,
  changes: readonly SchemaChange[],
): boolean {
  return changes.length > 0 || definition !== before.definition || learnedAt - before.learnedAt >= restMs;
}

/** A value has come that a table which was made before does not take. */
export function isMisfit({ kind, from, to }: SchemaChange): boolean {
  return kind === 'type' && from?.kind !== to?.kind;
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
