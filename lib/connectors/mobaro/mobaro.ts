import type { Connector } from '../connector.ts';
import { advice } from './advice.ts';
import { sentences } from './sentences.ts';
import { streams } from './streams.ts';

/**
 * Mobaro's API. Sources: Mobaro's help centre, "Handling errors, rate limits and retry logic", "Mobaro API parameter
 * reference", "Understanding API access scopes and limitations", "Using webhooks in Mobaro" and "Bulk imports and API access for
 * Assets"; and what the code that `lbmobaro` has published on GitHub requests and reads.
 */
export const mobaro: Connector = {
  name: 'mobaro',
  title: 'Mobaro',
  baseUrl: 'https://app.mobaro.com/api/customers',
  authentication: { kind: 'header', header: 'X-Api-Key', field: 'apiKey' },
  // "Rate limits are shared across all API clients in the same Mobaro account", not counted by key.
  limitScope: 'account',
  // There is a limit, but no figure is published.
  limitsPerMinute: {},
  timeoutSeconds: 30,
  // Timesheets follow the day in a park.
  periodMinutes: 15,
  sentences,
  advice,
  streams,
};
