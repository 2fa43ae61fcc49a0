import { isFull, type Changes } from '../connectors/connector.ts';
import { isSegment, placeholdersIn } from '../connectors/template.ts';
import { later, sinceAfter } from '../paging/changes.ts';
import { changesSince, type PagePosition, type Part, type PartPosition } from '../paging/position.ts';
import { firstWindow, nextWindow, readUntil, type Window } from '../paging/windows.ts';
import { mixedFingerprints } from './request-fingerprint.ts';
import { pagesInMemory, type Checkpoint, type Claimed } from './checkpoint.ts';
import { definitionHash } from './definition-hash.ts';
import type { Clock, Records } from './ports.ts';
import type { Stream } from './settings.ts';
import type { Work } from './work.ts';

/** The parts into which a run is divided beside its pages: batches of ids, parents, windows of time. */

export type FirstPage =
  | { readonly kind: 'at'; readonly position: PagePosition | null }
  /** There is no parent whose rows could be requested. */
  | { readonly kind: 'nothing to request' };

/** What is known of a stream when it has to be said where a run of it begins. */
export type Begun = Pick<
  Checkpoint,
  'heldDeletions' | 'lastRunRows' | 'progress' | 'readUntil' | 'sequence' | 'trustedFingerprint'
>;

/** What that takes: a caller that only looks has no more. */
type Looking = Pick<Work, 'stream' | 'signal'> & {
  readonly deps: { readonly records: Pick<Records, 'list'>; readonly clock: Pick<Clock, 'now'> };
};

/**
 * Where a run begins that has no position yet.
 *
 * @param requestFingerprint what its pages are requested with, see `requestFingerprintOf`; null where that is not known
 */
export async function firstPage(
  begun: Begun,
  work: Looking,
  requestFingerprint: string | null,
): Promise<FirstPage> {
  const { definition, settings } = work.stream;
  if (definition.batches !== undefined) {
    const over = settings.batchOver ?? definition.batches.over;
    const batched = (begun.lastRunRows ?? 0) > over || over === 0;
    return { kind: 'at', position: batched ? at({ kind: 'ids' }, pagesInMemory(begun)) : null };
  }
  if (definition.changes !== undefined) {
    const part = changesPartOf(begun, definition.changes, work, requestFingerprint);
    return { kind: 'at', position: part && at(part, pagesInMemory(begun)) };
  }
  if (definition.parents === undefined && definition.windows === undefined) {
    return { kind: 'at', position: null };
  }
  const parent = definition.parents === undefined ? null : await parentAfter(null, work);
  if (definition.parents !== undefined && parent === null) return { kind: 'nothing to request' };
  const slice = { kind: 'slice', parent, window: firstWindowOf(begun, work) } as const;
  return { kind: 'at', position: at(slice, pagesInMemory(begun)) };
}

/** Whether the stream can still be requested from there: another definition may request in another way. */
export function fits(position: PagePosition, { definition }: Stream): boolean {
  const { parents, windows, batches, changes } = definition;
  if (position.kind !== 'part') {
    return parents === undefined && windows === undefined && changes?.historyDays === undefined;
  }
  const { part } = position;
  if (part.kind === 'changes') return changes !== undefined;
  if (part.kind !== 'slice') return batches !== undefined;
  return (
    (part.parent === null) === (parents === undefined) && (part.window === null) === (windows === undefined)
  );
}

/** Whether the rows of this part's parent can be requested: not with an id that a URL would take for a step in its path. */
export function isAskable(position: PagePosition | null, { definition }: Stream): boolean {
  const part = position?.kind === 'part' ? position.part : null;
  const parent = part?.kind === 'slice' ? part.parent : null;
  return parent === null || isSegment(parent) || !placeholdersIn(definition.path).includes('parent');
}

/**
 * The part after this one, whose last page has come; null after the last.
 *
 * @param page the ids of its rows, and whether its parent is left out: then there are no other windows to request
 */
export async function nextPart(
  part: Part,
  { ids, isLeftOut }: { readonly ids: readonly string[]; readonly isLeftOut: boolean },
  claimed: Claimed,
  work: Work,
): Promise<PartPosition | null> {
  const { definition } = work.stream;
  // Behind the page that has just been remembered.
  const from = pagesInMemory(claimed) + 1;
  switch (part.kind) {
    case 'ids': {
      const batches = batchesOf(ids, definition.batches?.size ?? ids.length);
      await work.deps.idBatches.keep(claimed.stream, claimed.run, batches, claimed.revision);
      return batches.length === 0 ? null : at({ kind: 'batch', index: 0, of: batches.length }, from);
    }
    case 'batch':
      return part.index + 1 < part.of ? at({ ...part, index: part.index + 1 }, from) : null;
    case 'slice': {
      const window =
        part.window === null || definition.windows === undefined || isLeftOut
          ? null
          : nextWindow(part.window, definition.windows);
      if (window !== null) return at({ ...part, window }, from);
      const parent = part.parent === null ? null : await parentAfter(part.parent, work);
      const slice = { kind: 'slice', parent, window: firstWindowOf(claimed, work) } as const;
      return parent === null ? null : at(slice, from);
    }
    case 'changes':
      return null;
  }
}

/** The ids that the request for this part names. @returns null if they have been forgotten */
export async function idsOf(claimed: Claimed, { deps }: Work): Promise<readonly string[] | undefined | null> {
  const { position, stream, run } = claimed;
  if (position?.kind !== 'part' || position.part.kind !== 'batch') return undefined;
  return deps.idBatches.read(stream, run, position.part.index);
}

/** A run that is complete. */
export interface WalkedRun {
  /** What all of its pages were requested with. */
  readonly requestFingerprint: string | null;
  /** With its last page, see `RunProgress`. */
  readonly newest: number | null;
  /** The vendor has said where the list ends. */
  readonly enumerated: boolean;
  /** It vouches for every row. */
  readonly sure: boolean;
}

/** Up to when everything has been read once the run is complete at `position`; null where that is not how it is read. */
export function readUntilOf(claimed: Claimed, stream: Stream, run: WalkedRun): Checkpoint['readUntil'] {
  const { requestFingerprint } = run;
  const { position } = claimed;
  if (stream.definition.changes !== undefined) return knownAfter(claimed, stream, run);
  if (isFull(stream.definition)) return null;
  // Its first pages were requested in another way: as it is requested now, they have not been read.
  if (requestFingerprint === mixedFingerprints) return claimed.readUntil;
  const window = position?.kind === 'part' && position.part.kind === 'slice' ? position.part.window : null;
  const { windows } = stream.definition;
  // Nothing was requested, so nothing more is known than before.
  if (window === null || windows === undefined) return claimed.readUntil;
  const at = readUntil(window, windows, claimed.progress.startedAt);
  return { at, definition: definitionHash(stream) };
}

function at(part: Part, from: number): PartPosition {
  return { kind: 'part', part, walk: null, from };
}

function batchesOf(ids: readonly string[], size: number): string[][] {
  const sorted = [...new Set(ids)].sort();
  return Array.from({ length: Math.ceil(sorted.length / size) }, (_, index) =>
    sorted.slice(index * size, (index + 1) * size),
  );
}

function firstWindowOf(begun: Begun, { stream, deps }: Looking): Window | null {
  const { windows } = stream.definition;
  if (windows === undefined) return null;
  // What another definition has read is another list.
  const known = begun.readUntil?.definition === definitionHash(stream) ? begun.readUntil.at : null;
  // Of the run, not of the request: all parents have the same windows, and a page that is tried again, too.
  const now = begun.progress?.startedAt ?? deps.clock.now();
  return firstWindow(windows, { readUntil: known, historyFrom: stream.settings.historyFrom, now });
}

/** Where the run walks what has changed alone, or all of a history. @returns null where it walks the whole list */
function changesPartOf(
  begun: Begun,
  changes: Changes,
  { stream, deps }: Looking,
  requestFingerprint: string | null,
): Part | null {
  // Of the run, not of the request: a page that is tried again has the same.
  const now = begun.progress?.startedAt ?? deps.clock.now();
  const known = begun.readUntil;
  if (known !== null && !isWholeDue(begun, stream, requestFingerprint, now)) {
    return { kind: 'changes', since: sinceAfter(known.at, changes) };
  }
  if (changes.historyDays === undefined) return null;
  const since = stream.settings.historyFrom ?? now - changes.historyDays * 86_400_000;
  return { kind: 'changes', since, whole: true };
}

/**
 * Whether there is no whole walk to build on: none of this definition, none with this key (which may show other rows), or too old
 * a one. While deletions are held each run looks anew.
 */
function isWholeDue(
  { readUntil, trustedFingerprint, heldDeletions }: Begun,
  stream: Stream,
  requestFingerprint: string | null,
  now: number,
): boolean {
  const { definition, whole } = readUntil ?? {};
  if (whole === undefined || definition !== definitionHash(stream)) return true;
  if (trustedFingerprint !== requestFingerprint || heldDeletions !== null) return true;
  return now >= whole.at + (stream.settings.reconcileMs ?? 0);
}

/** Behind a run that is complete. Where no row has ever said when it has changed there is nothing to begin at. */
function knownAfter(
  { position, readUntil: stored, progress }: Claimed,
  stream: Stream,
  { newest, enumerated, sure }: WalkedRun,
): Checkpoint['readUntil'] {
  const definition = definitionHash(stream);
  const before = stored?.definition === definition ? stored : null;
  const isPart = changesSince(position) !== null;
  // A list that has not been shown to its end is no list to build on.
  if (!isPart && !enumerated) return before;
  const at = later(before?.at ?? null, newest);
  if (at === null) return null;
  const wholeAt = !isPart && sure ? progress.startedAt : before?.whole?.at;
  if (wholeAt === undefined) return { at, definition };
  return { at, definition, whole: { at: wholeAt, nextAt: wholeAt + (stream.settings.reconcileMs ?? 0) } };
}

/** So many are looked at in one go: most of them live. */
const parentsAtOnce = 25;

async function parentAfter(
  previous: string | null,
  { deps, stream, signal }: Looking,
): Promise<string | null> {
  const { parents } = stream.definition;
  if (parents === undefined) return null;
  if ('param' in parents) {
    const given = [...new Set(stream.settings.params[parents.param] ?? [])].sort();
    return given.find((id) => previous === null || id > previous) ?? null;
  }
  const of = `${stream.connection}/${parents.stream}`;
  for (let after = previous; ;) {
    const { keys, last } = await deps.records.list(of, after, signal, parentsAtOnce);
    const living = keys.find(({ deletedAt }) => deletedAt === null);
    if (living !== undefined) return living.id;
    if (last === null) return null;
    after = last;
  }
}
