import {
  isClaimed,
  newCheckpoint,
  type Checkpoint,
  type CheckpointState,
} from '../../lib/sync/checkpoint.ts';
import { definitionHash } from '../../lib/sync/definition-hash.ts';
import { pausedCheckpoint } from '../../lib/sync/transitions/person.ts';
import { claimed, opened } from '../../lib/sync/transitions/run.ts';
import { deferred, exhausted, halted } from '../../lib/sync/transitions/standstill.ts';
import { streamNamed } from '../support/streams.ts';

/** What a stream can be found in: its states, three of them also with a page under way. */
export type Situation = CheckpointState | 'running, claimed' | 'exhausted, claimed' | 'paused, claimed';

export const stream = streamNamed('mobaro/users');
export const now = 1_700_000_000_000;
const before = now - 60_000;
export const definition = definitionHash(stream);

const idle: Checkpoint = { ...newCheckpoint(stream.name), lastTick: before, freshFrom: before };
const running: Checkpoint = { ...opened(idle, 'run', before), position: { kind: 'offset', offset: 60 } };
const underWay = claimed({ ...running, run: 'run' }, 'me', now + 40_000, now);
const why = { status: 503, reason: 'HTTP 503' };
const spent = exhausted(underWay, { ...why, trouble: 'exhausted' }, before);
const probing = claimed({ ...spent, run: 'run' }, 'me', now + 40_000, now);
const paused = (checkpoint: Checkpoint): Checkpoint => pausedCheckpoint(checkpoint, now) ?? checkpoint;

export const situations: Readonly<Record<Situation, Checkpoint>> = {
  idle,
  running,
  'running, claimed': underWay,
  parked: deferred(underWay, { ...why, retryAt: now + 12 * 3_600_000 }, now),
  exhausted: spent,
  'exhausted, claimed': probing,
  halted: halted(underWay, { outcome: 'missing', definition, status: 404, reason: 'HTTP 404' }, now),
  paused: paused(running),
  'paused, claimed': paused(underWay),
};

/** @param at epoch milliseconds */
export function situationOf(checkpoint: Checkpoint, at: number): Situation {
  const { state } = checkpoint;
  const isUnderWay = isClaimed(checkpoint) && checkpoint.lease.until > at;
  const canBe = state === 'running' || state === 'exhausted' || state === 'paused';
  return isUnderWay && canBe ? `${state}, claimed` : state;
}
