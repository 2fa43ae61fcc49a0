import { connectionOf } from '../../../lib/connectors/stream-name.ts';
import { readLimits, type LimitStatus } from '../../../lib/operations/limits.ts';
import { newsOf, type SchemaNews } from '../../../lib/operations/schema-news.ts';
import { readStatus, type ConnectionStatus, type StreamStatus } from '../../../lib/operations/status.ts';
import { nextFire, periodOf } from '../../schedules/next-fire.ts';
import type { Store } from '../store/store.ts';
import type { StoredCount } from './count-stored.ts';

/** What is stored, and what the settings add to it. */
export interface WholeStatus {
  readonly connections: readonly ConnectionStatus[];
  readonly streams: readonly ScheduledStatus[];
  readonly limits: readonly LimitStatus[];
  /** What has changed of fields of rows in the last seven days. */
  readonly schemaNews: readonly SchemaNews[];
}

export interface ScheduledStatus extends StreamStatus {
  /** ISO 8601; null where `npm start` is the tick, and where it cannot be told. */
  readonly nextTickAt: string | null;
  /** So many tries a page has; null of a stream that the settings do not know. */
  readonly attemptCap: number | null;
  /** Null where it could not be counted. */
  readonly stored: StoredCount | null;
}

/** @param stored by stream */
export async function wholeStatus(
  store: Store,
  stored: ReadonlyMap<string, StoredCount>,
  now: number,
): Promise<WholeStatus> {
  const { streams, connections } = await readStatus(store.streams, store, now, store.tickSource);
  const schemas = await store.schemas.readAll(store.streams);
  const known = store.catalogue.streams.filter(({ name }) => store.streams.includes(name));
  const refused = new Set(
    connections.filter(({ key }) => key === 'open').map(({ connection }) => connection),
  );
  return {
    connections,
    streams: streams.map((stream) => ({
      ...stream,
      // Ticks come and do nothing there.
      nextTickAt:
        isStopped(stream) || refused.has(connectionOf(stream.stream))
          ? null
          : iso(nextTickOf(store, stream.stream, stream.lastTickAt, now)),
      attemptCap: store.catalogue.stream(stream.stream)?.settings.attemptCap ?? null,
      stored: stored.get(stream.stream) ?? null,
    })),
    limits: await readLimits(known, store.governor, now),
    schemaNews: store.streams.flatMap((stream) => newsOf(schemas.get(stream), now)),
  };
}

/** Whether something waits for a person, or has been given up until its next tick. Pure. */
export function standsStill({ connections, streams }: Pick<WholeStatus, 'connections' | 'streams'>): boolean {
  return (
    connections.some(({ key }) => key === 'open') ||
    streams.some(
      (stream) => isStopped(stream) || stream.state === 'exhausted' || stream.outcome === 'unconfigured',
    )
  );
}

/** Ticks do nothing there; not so where a halted stream is tried again already. */
function isStopped({ state, coming }: StreamStatus): boolean {
  return (state === 'halted' && coming === null) || state === 'paused';
}

/** @param lastTickAt ISO 8601, or null @returns epoch milliseconds */
export function nextTickOf(
  { catalogue, isTicking }: Pick<Store, 'catalogue' | 'isTicking'>,
  stream: string,
  lastTickAt: string | null,
  now: number,
): number | null {
  const tick = catalogue.schedule(stream);
  if (!isTicking(stream) || tick === undefined) return null;
  // A rate counts from the moment its schedule was made: only its last tick tells when that was.
  if (lastTickAt === null && periodOf(tick.schedule) !== null) return null;
  const anchor = lastTickAt === null ? 0 : Date.parse(lastTickAt);
  return nextFire({ expression: tick.schedule, timeZone: tick.timeZone }, now, anchor);
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
