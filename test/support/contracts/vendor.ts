import { beforeEach, describe, expect, it } from 'vitest';

import type { Vendor, VendorRequest } from '../../../lib/sync/ports.ts';

export interface VendorAnswerToGive {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface VendorHarness {
  readonly vendor: Vendor;
  readonly baseUrl: string;
  /** What every request is answered with; null for no answer at all. */
  answer(answer: VendorAnswerToGive | null): void;
  /** How many requests have arrived. */
  requests(): number;
}

export function describeVendor(name: string, makeHarness: () => VendorHarness): void {
  describe(`${name} keeps the contract of Vendor`, () => {
    let harness: VendorHarness;
    let request: VendorRequest;
    const { signal } = new AbortController();

    beforeEach(() => {
      harness = makeHarness();
      request = { method: 'GET', url: `${harness.baseUrl}/users`, headers: {}, body: null };
    });

    it.each([200, 400, 401, 403, 404, 408, 429, 500, 502, 503, 504])(
      'passes a %d on as an answer, after one request',
      async (status) => {
        harness.answer({ status, headers: { 'X-RateLimit-Reset': '17' }, body: '{"items":[]}' });
        const before = harness.requests();
        expect(await harness.vendor.call(request, signal)).toMatchObject({
          kind: 'answered',
          status,
          headers: { 'x-ratelimit-reset': '17' },
          body: '{"items":[]}',
        });
        expect(harness.requests()).toBe(before + 1);
      },
    );

    it.each([204, 304])('passes a %d on with an empty body', async (status) => {
      harness.answer({ status, headers: {}, body: '' });
      expect(await harness.vendor.call(request, signal)).toMatchObject({
        kind: 'answered',
        status,
        body: '',
      });
    });

    it('ends as a time-out as soon as the caller gives up', async () => {
      harness.answer(null);
      const before = harness.requests();
      const controller = new AbortController();
      const call = harness.vendor.call(request, controller.signal);
      await expect.poll(() => harness.requests()).toBe(before + 1);
      controller.abort();
      expect(await call).toMatchObject({ kind: 'unanswered', failure: 'time-out' });
    });

    it('sends nothing for a caller who has given up before', async () => {
      harness.answer({ status: 200, headers: {}, body: '' });
      const before = harness.requests();
      expect(await harness.vendor.call(request, AbortSignal.abort())).toMatchObject({
        kind: 'unanswered',
        failure: 'time-out',
      });
      expect(harness.requests()).toBe(before);
    });
  });
}
