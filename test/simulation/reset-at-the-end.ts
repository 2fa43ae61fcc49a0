import { resetCheckpoint } from '../../lib/sync/transitions/person.ts';
import { Chance } from './chance.ts';
import { Invocation } from './invocation.ts';
import type { Judge } from './judges/judge.ts';
import type { World } from './world.ts';

/**
 * Once all that is judged of the engine is over, in every other history: a person resets a stream twice, so that one run takes the
 * place of another that is open. The engine is not judged by it, and its histories stay as they are.
 */
export async function resetAtTheEnd(world: World, listeners: readonly (Judge | null)[]): Promise<void> {
  const chance = new Chance('reset', world.scenario.seed);
  if (chance.happens(0.5)) return;
  const stream = chance.pick([...world.streams.keys()]);
  const about = { who: 'person', kind: 'person', stream, startedAt: world.now() } as const;
  const person = new Invocation(0, about, chance);
  for (let time = 1; time <= 2; time += 1) {
    const before = world.checkpointOf(stream);
    const next = resetCheckpoint(before, { newRun: world.newId(), offset: 0, now: world.now() });
    const after = await world.checkpoints.replace(next);
    if (after === undefined) throw new Error('Nobody else writes any more');
    world.stored.set(stream, after);
    world.tell(
      person.who,
      `resets ${stream}: ${before.run ?? 'no run'} is given up for ${after.run ?? 'none'}`,
    );
    for (const listener of listeners) listener?.stored?.(person, before, after);
  }
}
