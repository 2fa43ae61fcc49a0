import { beforeEach, describe, expect, it } from 'vitest';

import type { Governor } from '../../../lib/sync/ports.ts';

export function describeGovernor(name: string, makeAdapter: () => Governor): void {
  describe(`${name} keeps the contract of Governor`, () => {
    let governor: Governor;
    let scope = '';
    let round = 0;

    beforeEach(() => {
      scope = `bob:POST /people/search ${++round}`;
      governor = makeAdapter();
    });

    it('grants in a limit scope that nobody has closed', async () => {
      expect(await governor.permit(scope, 1000)).toEqual({ granted: true });
    });

    it('refuses until the moment it was closed until, and grants from then on', async () => {
      await governor.close(scope, 5000);
      expect(await governor.permit(scope, 4999)).toEqual({ granted: false, at: 5000 });
      expect(await governor.permit(scope, 5000)).toEqual({ granted: true });
    });

    it('only ever moves the moment later', async () => {
      await governor.close(scope, 5000);
      await governor.close(scope, 3000);
      expect(await governor.permit(scope, 4000)).toEqual({ granted: false, at: 5000 });
      await governor.close(scope, 9000);
      await Promise.all([8000, 12_000, 7000, 11_000].map((until) => governor.close(scope, until)));
      expect(await governor.permit(scope, 4000)).toEqual({ granted: false, at: 12_000 });
    });

    it('rounds a fraction of a millisecond away from the vendor', async () => {
      await governor.close(scope, 5000.2);
      expect(await governor.permit(scope, 5000.5)).toEqual({ granted: false, at: 5001 });
    });

    it('keeps limit scopes apart', async () => {
      await governor.close(scope, 5000);
      expect(await governor.permit(`${scope} other`, 1000)).toEqual({ granted: true });
    });
  });
}
