import { allowDeletions } from '../../lib/operations/allow-deletions.ts';
import { muteConnection } from '../../lib/operations/mute.ts';
import { resumeConnection, resumeStream } from '../../lib/operations/resume.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { allowanceOf } from '../../lib/sync/deletions.ts';
import { changeCheckpoint } from '../../lib/sync/compare-and-swap.ts';
import { BoundPorts } from './bound-ports.ts';
import type { World } from './world.ts';

/** What people do at the command line. */
export class People {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  pause(stream: string): void {
    const { checkpoints } = this.#begin(stream, `pauses ${stream}`);
    const pausable = (checkpoint: Checkpoint): Checkpoint | null =>
      checkpoint.state === 'running' || checkpoint.state === 'idle'
        ? { ...checkpoint, state: 'paused', outcome: 'paused', outcomeAt: this.#world.now() }
        : null;
    void changeCheckpoint(checkpoints, stream, pausable);
  }

  /** The deletions that are held back, as many as there were. */
  allow(stream: string): void {
    const { checkpoints, clock } = this.#begin(stream, `allows what is held back of ${stream}`);
    void allowDeletions(stream, { checkpoints, clock });
  }

  /** @param target a stream or a connection */
  resume(target: string): void {
    const world = this.#world;
    const { checkpoints, breakers, clock } = this.#begin(target, `resumes ${target}`);
    for (const judge of world.judges) judge.resuming?.(target);
    const connection = world.connections.find(({ plan }) => plan.name === target);
    const done =
      connection === undefined
        ? resumeStream(target, { checkpoints, breakers, clock })
        : resumeConnection(
            target,
            connection.streams.map(({ name }) => name),
            { checkpoints, breakers, clock },
          );
    done.catch((error: unknown) => {
      world.violation ??= { invariant: 'rest', words: `resume throws: ${String(error)}` };
    });
  }

  /** @param forMs so long nothing of the connection is to page */
  mute(connection: string, forMs: number): void {
    const world = this.#world;
    const { mutes, cloudWatch, scheduler } = world;
    world.tell('person', `mutes ${connection} for ${Math.round(forMs / 60_000)} minutes`);
    const ports = { mutes, rules: cloudWatch.muteRules, clock: scheduler };
    void muteConnection(connection, { forMs, why: 'it is known', by: 'somebody' }, ports).then(async () => {
      const mute = await mutes.read(connection);
      if (mute !== null) for (const judge of world.judges) judge.muted?.(mute);
    });
  }

  /** Follows the alarms: what is still halted or held back, and could be fixed, is. */
  answerAlarms(): void {
    const world = this.#world;
    for (const { plan, streams, secret } of world.connections) {
      const breaker = world.breakerOf(plan.name);
      if (breaker.state === 'open' && breaker.secretVersion === secret.version) this.resume(plan.name);
      for (const { name } of streams) {
        const checkpoint = world.checkpointOf(name);
        const { state, halt, heldDeletions } = checkpoint;
        if (state === 'paused' || (state === 'halted' && halt?.outcome !== 'unauthorized')) this.resume(name);
        if (heldDeletions !== null && allowanceOf(checkpoint, world.now()) === null) this.allow(name);
      }
    }
  }

  #begin(target: string, does: string): BoundPorts {
    const invocation = this.#world.invocation('person', target, 'person');
    this.#world.tell(invocation.who, does);
    return new BoundPorts(this.#world, invocation);
  }
}
