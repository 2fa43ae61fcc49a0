import { parseStreamName } from '../connectors/stream-name.ts';
import type {
  ActCommand,
  ActEnd,
  ActOutcome,
  ActResult,
  AuditEntry,
  AuditTrail,
  Standing,
} from '../sync/audit.ts';
import { allowanceOf } from '../sync/deletions.ts';
import type { Breaker } from '../sync/breaker.ts';
import { hasNeverRun, type Checkpoint } from '../sync/checkpoint.ts';
import { withheldCategories } from '../sync/field-access.ts';
import type { Breakers, Checkpoints, Clock } from '../sync/ports.ts';
import type { Done } from './done.ts';

/** What a person has asked for, as the command line has it. */
export interface Asked {
  readonly command: ActCommand;
  /** A stream or a connection; undefined is all of them, and null that the command takes none. */
  readonly target: string | null | undefined;
  /** What else was typed and matters, such as `--position 400`; nothing of a record, and nothing of a secret. */
  readonly options?: string;
  readonly why: string | undefined;
}

export interface AuditPorts {
  readonly audit: Pick<AuditTrail, 'begin' | 'end'>;
  readonly checkpoints: Pick<Checkpoints, 'readAll'>;
  readonly breakers: Pick<Breakers, 'read'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Unique each time. */
  readonly newId: () => string;
  /** Who acts. It throws where that cannot be known: then nothing is done. */
  readonly whoActs: () => Promise<string>;
}

export interface Recorded {
  readonly results: readonly Done[];
  /** Why the end of it could not be written down, though it has taken effect; null if it was. */
  readonly unwritten: { readonly error: unknown } | null;
}

/**
 * Does what a person asks for, and writes it down: before it takes effect, so that nothing does that is not written down, and
 * again with what it came to. If only the latter fails, what was done stays done, and the caller has to say so.
 *
 * @param about the streams and connections whose standing it may change
 */
export async function recordAct(
  { command, target, options, why }: Asked,
  about: readonly string[],
  ports: AuditPorts,
  act: (who: string) => Promise<readonly Done[]>,
): Promise<Recorded> {
  const { audit, clock, newId, whoActs } = ports;
  const who = await whoActs();
  const before = await readStandings(about, ports);
  const key = await audit.begin({
    ...{ id: newId(), at: iso(clock.now()), who, command, target: target ?? null },
    typed: [command, ...typedTarget(target), ...(options === undefined ? [] : [options])].join(' '),
    why: why ?? null,
    before,
  });
  const end = async (end: Pick<ActEnd, 'outcome' | 'fault' | 'results'>): Promise<void> => {
    const now = await readStandings(about, ports);
    await audit.end(key, { at: iso(clock.now()), ...end, after: changedFrom(before, now) });
  };
  let results: readonly Done[];
  try {
    results = await act(who);
  } catch (error) {
    const fault = error instanceof Error ? error.name : 'no reason given';
    // The error itself is what the person has to know; an entry without an end says that it is not known.
    await end({ outcome: 'failed' satisfies ActOutcome, fault, results: [] }).catch(() => undefined);
    throw error;
  }
  try {
    await end({ outcome: outcomeOf(results), fault: null, results: results.map(resultOf) });
    return { results, unwritten: null };
  } catch (error) {
    return { results, unwritten: { error } };
  }
}

function typedTarget(target: Asked['target']): readonly string[] {
  return target === null ? [] : [target ?? '--all'];
}

/** Of several streams: something has changed, or else something could not be done. Pure. */
export function outcomeOf(results: readonly Done[]): ActOutcome {
  if (results.some(({ changed }) => changed)) return 'changed';
  return results.some(({ refused }) => refused) ? 'refused' : 'unchanged';
}

/** Far more than a sentence has. An item takes 400 KB, and a stack may have hundreds of streams. */
const maxSentence = 500;

function resultOf({ target, changed, refused, sentence }: Done): ActResult {
  return { target, changed, refused: refused === true, sentence: sentence.slice(0, maxSentence) };
}

/** Of many, those that are otherwise than before: hundreds of streams that stayed as they were would not fit twice. Pure. */
export function changedFrom(before: readonly Standing[], now: readonly Standing[]): readonly Standing[] {
  if (before.length < 2) return now;
  return now.filter((one, index) => JSON.stringify(one) !== JSON.stringify(before[index]));
}

/** @param targets streams and connections */
export async function readStandings(
  targets: readonly string[],
  { checkpoints, breakers, clock }: Pick<AuditPorts, 'checkpoints' | 'breakers' | 'clock'>,
): Promise<readonly Standing[]> {
  const stored = await checkpoints.readAll(targets.filter((target) => parseStreamName(target) !== null));
  return Promise.all(
    targets.map(async (target) =>
      parseStreamName(target) === null
        ? standingOfKey(await breakers.read(target))
        : standingOf(target, stored.get(target), clock.now()),
    ),
  );
}

/** Pure. Of where the run stands it says how many pages it has stored: a position may hold the id of a record. */
export function standingOf(target: string, checkpoint: Checkpoint | undefined, now: number): Standing {
  if (checkpoint === undefined || (hasNeverRun(checkpoint) && checkpoint.state === 'idle')) {
    return { ...{ kind: 'stream', target, state: 'new', run: null, sequence: 0 }, ...nothingHeld };
  }
  const { state, run, sequence, halt, heldDeletions } = checkpoint;
  return {
    ...{ kind: 'stream', target, state, run, sequence },
    haltedFor: state === 'halted' ? (halt?.outcome ?? null) : null,
    heldDeletions: heldDeletions?.rows ?? null,
    allowedDeletions: allowanceOf(checkpoint, now),
    fieldsAwaited: withheldCategories(checkpoint),
  };
}

const nothingHeld = { haltedFor: null, heldDeletions: null, allowedDeletions: null, fieldsAwaited: [] };

function standingOfKey({ connection, state }: Breaker): Standing {
  return { kind: 'connection', target: connection, key: state };
}

/** Whether an entry is about a stream; or a connection, or one of its streams. Pure. */
export function concerns(entry: AuditEntry, wanted: string): boolean {
  // What was done to a connection is about each of its streams.
  return names(entry, wanted) || namesIn(entry).some((name) => wanted.startsWith(`${name}/`));
}

/** The same, by that very name. Pure. */
export function names(entry: AuditEntry, wanted: string): boolean {
  return namesIn(entry).some((name) => name === wanted || name.startsWith(`${wanted}/`));
}

function namesIn({ target, before, end }: AuditEntry): readonly string[] {
  const others = [...before, ...(end?.results ?? [])].map((one) => one.target);
  return target === null ? others : [target, ...others];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
