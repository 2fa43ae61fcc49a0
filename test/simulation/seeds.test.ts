import { expect, it } from 'vitest';

import { changeOps } from '../../lib/changes/change.ts';
import { liveSeeds } from './live-seeds.ts';

const happened = liveSeeds(1, 150);

it('they lead to all that can become of a run and of a record', () => {
  for (const end of ['complete', 'partial', 'suspicious']) expect(happened).toContain(`run ends as ${end}`);
  for (const step of ['page', 'back', 'restart', 'sweep', 'end to be confirmed'])
    expect(happened).toContain(step);
  for (const what of ['buried', 'alive again', 'erased', 'removed', 'allowed', 'held no more'])
    expect(happened).toContain(what);
  for (const op of changeOps) expect(happened).toContain(`line of what was ${op}`);
});
