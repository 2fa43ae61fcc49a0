import { afterAll, vi } from 'vitest';

/** For every file: the next one may run in the same process. */
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
