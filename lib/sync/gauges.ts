import type { Breaker } from './breaker.ts';
import type { Checkpoint } from './checkpoint.ts';

/**
 * The stored state as numbers, 0 or 1. Alarms watch these rather than events, so an alarm lasts as long as its cause:
 * whoever changes a state publishes its gauges at once, and the watchdog repeats them all.
 */

/** Per stream, with the dimension `stream`. */
export const streamGauges = ['Missing', 'Halted', 'Exhausted', 'Held'] as const;
/** Per connection, with the dimension `connection`. */
export const connectionGauges = ['Unauthorized'] as const;

export type StreamGauge = (typeof streamGauges)[number];
export type ConnectionGauge = (typeof connectionGauges)[number];

export const metricNamespace = 'Pagekeeper';

export type Gauges<Name extends string> = Readonly<Record<Name, 0 | 1>>;

export interface Measurements {
  stream(stream: string, gauges: Gauges<StreamGauge>): void;
  connection(connection: string, gauges: Gauges<ConnectionGauge>): void;
}

export function gaugesOfStream(checkpoint: Checkpoint): Gauges<StreamGauge> {
  const halted = checkpoint.state === 'halted' ? checkpoint.halt?.outcome : undefined;
  return {
    Missing: halted === 'missing' ? 1 : 0,
    // A 401 halts the connection and has its own gauge there; it is not told once more for each stream.
    Halted: halted !== undefined && halted !== 'missing' && halted !== 'unauthorized' ? 1 : 0,
    Exhausted: checkpoint.trouble === null ? 0 : 1,
    Held: checkpoint.held === null ? 0 : 1,
  };
}

export function gaugesOfConnection(breaker: Breaker): Gauges<ConnectionGauge> {
  // Half-open is still unauthorized: only a page that got through proves that it is mended.
  return { Unauthorized: breaker.state === 'closed' ? 0 : 1 };
}
