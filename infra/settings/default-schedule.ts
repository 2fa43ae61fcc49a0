import { createHash } from 'node:crypto';

import type { Connector } from '../../lib/connectors/connector.ts';

/**
 * How often the streams of a connector are walked unless the user says otherwise, in minutes. Of most lists neither vendor
 * can be asked for changes alone, so each is a whole walk. People's data in Bob hardly changes within the hour, and its limits are
 * counted by the minute; Mobaro's timesheets follow the day in a park.
 */
const periods: Readonly<Record<string, number>> = { mobaro: 15, bob: 60 };
const otherPeriod = 60;

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
  const period = periods[connector.name] ?? otherPeriod;
  const share = Math.floor((streams.indexOf(stream) * period) / streams.length);
  const minute = (hash(connection) + share) % period;
  return period === 60
    ? `cron(${String(minute)} * * * ? *)`
    : `cron(${String(minute)}/${String(period)} * * * ? *)`;
}

function hash(text: string): number {
  return createHash('sha256').update(text).digest().readUInt16BE();
}
