import { createHash } from 'node:crypto';

import type { Connector } from '../../lib/connectors/connector.ts';

/** Of a connector that says nothing of it. */
const hourly = 60;

/**
 * A cron expression instead of a rate, because rates count from the moment of the deployment: all streams would fire
 * together. Here the streams of a connection divide the period evenly among them, from a minute on that depends on the
 * connection's name, so that two connections to one vendor do not meet either.
 */
export function defaultSchedule(
  connection: string,
  connector: Connector,
  stream: string,
  streams: readonly string[],
): string {
  const period = connector.periodMinutes ?? hourly;
  const share = Math.floor((streams.indexOf(stream) * period) / streams.length);
  const minute = (hash(connection) + share) % period;
  return period === 60
    ? `cron(${String(minute)} * * * ? *)`
    : `cron(${String(minute)}/${String(period)} * * * ? *)`;
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt16BE();
}
