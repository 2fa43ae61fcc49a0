import { describe, expect, it } from 'vitest';

import { bobErrorBodies } from '../../../../infra/simulators/bob/error-bodies.ts';
import { SyncWorld } from '../../../support/sync-world.ts';
import { KyVendor } from '../../../../lib/http/ky-vendor.ts';
import { startForTest } from '../vendor-client.ts';

const path = '/bulk/people/employment';
const person = '3000000000000000001';

const known: Readonly<Record<keyof typeof bobErrorBodies, { outcome: string; reason: string | null }>> = {
  keyed: { outcome: 'rejected', reason: 'HTTP 400: exception.invalid: Invalid request' },
  stamped: { outcome: 'rejected', reason: 'HTTP 400: BAD_REQUEST: limit must be positive' },
  unexpected: { outcome: 'deferred', reason: 'HTTP 500: exception.unexpected: Something went wrong' },
  permission: { outcome: 'forbidden', reason: 'HTTP 401: No permissions to position budget' },
  byField: { outcome: 'rejected', reason: 'HTTP 400: MISSING_MANDATORY_FIELD: A mandatory field is missing' },
  named: { outcome: 'rejected', reason: 'HTTP 400: Validation failed: Unknown country' },
  filterText: {
    outcome: 'rejected',
    reason: 'HTTP 400: Missing required field: obj[…].fieldId -> Missing required filter field id',
  },
  unauthenticated: { outcome: 'unauthorized', reason: 'HTTP 401' },
  unchanged: { outcome: 'fetched', reason: null },
  webApplication: { outcome: 'deferred', reason: 'a page of HTML instead of JSON' },
  missingPage: { outcome: 'missing', reason: 'HTTP 404: a page of HTML' },
  partial: { outcome: 'fetched', reason: 'the vendor left 1 out (errors in its answer)' },
  notReady: { outcome: 'fetched', reason: null },
};

describe("the forms of Bob's errors", () => {
  it('are all known', () => {
    expect(Object.keys(bobErrorBodies)).toHaveLength(13);
  });

  it.each(Object.keys(bobErrorBodies) as (keyof typeof bobErrorBodies)[])(
    'have their outcome and their words, and name nobody (%s)',
    async (name) => {
      const { vendor } = await startForTest('bob', { faults: [bobErrorBodies[name](path, 1)] });
      const world = new SyncWorld({ streams: ['bob/employment'], secret: vendor.secret });
      const ky = new KyVendor({ timeoutMs: 30_000, clock: world.clock });
      Object.assign(world.deps, { baseUrl: vendor.url, vendor: ky });
      const report = await world.tick('bob/employment');
      expect({ outcome: report.outcome, reason: report.reason }).toEqual(known[name]);
      expect(JSON.stringify(report)).not.toContain(person);
    },
  );
});
