import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { PageMessage } from '../../../lib/sync/message.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { visibilityMs, watchPeriodMs } from '../scenario.ts';
import type { Invocation } from '../invocation.ts';
import type { Facts, Judge } from './judge.ts';

/** For what calls and deliveries take. */
const slackMs = 15_000;

/** The longest pause between two probes. */
const maxPauseMs = 305_000;

/** So often may all attempts be granted anew to a page that comes to nothing because what its run has seen cannot be read. */
const maxGrants = 3;

/**
 * Invariant 3: a run goes on by itself, within the visibility time-out and two periods of the watchdog; and it comes to its end,
 * also where what it has seen cannot be read. One that is exhausted waits for a probe of its limit scope, and there is one as often.
 */
export class JudgeOfProgress implements Judge {
  readonly #facts: Facts;
  /** By stream: when something last happened to it, or got in its way. */
  readonly #since = new Map<string, number>();

  /** By limit scope: when something last happened to one of its streams that are exhausted. */
  readonly #probed = new Map<string, number>();
  /** By stream: how many tries of the page at which its run stands have come to nothing for that. */
  readonly #unread = new Map<string, number>();

  constructor(facts: Facts) {
    this.#facts = facts;
  }

  stored(_invocation: Invocation, before: Checkpoint, after: Checkpoint): void {
    this.#since.set(after.stream, this.#facts.now());
    const scope = this.#facts.streams.get(after.stream)?.limitScope ?? '';
    if (before.state === 'exhausted' || after.state === 'exhausted')
      this.#probed.set(scope, this.#facts.now());
    if (after.run !== before.run || after.sequence !== before.sequence) this.#unread.delete(after.stream);
  }

  /** One that is lost is missed once more. */
  sent(_invocation: Invocation, { stream }: PageMessage): void {
    if (this.#facts.checkpoints.get(stream)?.state !== 'exhausted') return;
    this.#probed.set(this.#facts.streams.get(stream)?.limitScope ?? '', this.#facts.now());
  }

  unread({ who }: Invocation, stream: string): void {
    const tries = (this.#unread.get(stream) ?? 0) + 1;
    this.#unread.set(stream, tries);
    const cap = this.#facts.streams.get(stream)?.settings.attemptCap ?? 0;
    if (tries > maxGrants * cap) {
      this.#facts.fail(3, `${who} is the ${tries}th that cannot end the run of ${stream}, and it goes on`);
    }
  }

  disturbed(stream: string | null): void {
    const streams = stream === null ? this.#facts.streams.keys() : [stream];
    for (const name of streams) this.#since.set(name, this.#facts.now());
  }

  looked(): void {
    const now = this.#facts.now();
    for (const [name, stream] of this.#facts.streams) {
      const checkpoint = this.#facts.checkpoints.get(name);
      if (checkpoint === undefined) continue;
      // Nobody goes on while the credentials are in doubt.
      const breaker = this.#facts.breakers.get(stream.connection);
      if (breaker !== undefined && breaker.state !== 'closed') this.#since.set(name, now);
      if (checkpoint.state === 'exhausted') {
        this.#lookAtProbe(stream, checkpoint);
        continue;
      }
      const gapMs = stream.gapSeconds * 1000;
      // A sweep asks the vendor nothing, and is carried by messages.
      const byTicks = stream.settings.continuation === 'nextTick' && checkpoint.position?.kind !== 'sweep';
      const waits = expectedAfter(checkpoint, byTicks, gapMs);
      if (waits === null) continue;
      const due = Math.max(this.#since.get(name) ?? 0, waits) + visibilityMs + 2 * watchPeriodMs + slackMs;
      if (now > due) {
        const minutes = Math.round((now - (this.#since.get(name) ?? 0)) / 60_000);
        this.#facts.fail(
          3,
          `${name} is ${checkpoint.state} and nothing has happened to it for ${minutes} minutes`,
        );
      }
    }
  }

  #lookAtProbe({ name, limitScope }: Stream, checkpoint: Checkpoint): void {
    const { streams, checkpoints, now, fail } = this.#facts;
    const waits = [...streams.values()]
      .filter((other) => other.limitScope === limitScope)
      .map((other) => checkpoints.get(other.name)?.retryAt ?? 0);
    const last = Math.max(this.#since.get(name) ?? 0, this.#probed.get(limitScope) ?? 0);
    const due = Math.max(last + maxPauseMs, checkpoint.retryAt ?? 0, ...waits);
    if (now() <= due + visibilityMs + 2 * watchPeriodMs + slackMs) return;
    const minutes = Math.round((now() - last) / 60_000);
    fail(3, `${name} is exhausted and nobody has probed ${limitScope} for ${minutes} minutes`);
  }
}

/** From when on something must happen to the stream; null if nothing has to. */
function expectedAfter(checkpoint: Checkpoint, byTicks: boolean, gapMs: number): number | null {
  const { state, retryAt, lastTick, completedAt, progress } = checkpoint;
  // A tick that found it under way was none it missed, and the watchdog may have begun a run in the place of one.
  const last = lastTick === null ? null : Math.max(lastTick, completedAt ?? 0, progress?.startedAt ?? 0);
  switch (state) {
    case 'running':
      // It may have been opened by the watchdog before it ever had a tick.
      if (byTicks) return last === null ? null : Math.max(retryAt ?? 0, last + 1.5 * gapMs);
      return retryAt ?? 0;
    case 'parked':
      return retryAt ?? 0;
    case 'idle':
      return last === null ? null : last + 1.5 * gapMs;
    case 'exhausted':
    case 'halted':
    case 'paused':
      return null;
  }
}
