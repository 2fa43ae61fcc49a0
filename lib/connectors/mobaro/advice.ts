import type { Advice } from '../connector.ts';

/** Of "Handling errors, rate limits and retry logic". */
export const advice: Advice = {
  alarms: {
    unauthorized:
      'Check that the key has not been rotated or restricted, that it is of this environment, and that the user who made it may read these resources.',
    missing: "Check the stream's path and the location access of the key's user; do not retry blindly.",
    exhausted: 'Wait until Mobaro is well again.',
    throttled:
      'All API clients of the account share one limit: see what else calls Mobaro, spread the schedules, choose slower ones or larger pages, or set limitPerMinute so that room is left for others.',
  },
  check: {
    credential:
      'Check that the key (X-Api-Key) has not been rotated or restricted and is of this environment, and that the user who made it may read this: Mobaro says 401 for that, too.',
    missing: "Check the location access of the key's user.",
  },
};
