/** Which writes of the checkpoints table may be events. Apart from the construct, so that the simulation can go by the same. */

const isStream = { Keys: { pk: { S: [{ prefix: 'stream#' }] } } };
const isNotRunning = { state: { S: [{ 'anything-but': ['running'] }] } };

const isSchema = { Keys: { pk: { S: [{ prefix: 'schema#' }] } } };

/** Of the writes of a schema those that have changed something: see lib/aws/dynamo-schemas.ts. */
export const schemaNewsFilter = { ...isSchema, NewImage: { news: { S: [{ prefix: '{' }] } } };

/** A page leaves a stream `running`, and is no event. */
export const checkpointFilters = [
  { ...isStream, NewImage: isNotRunning },
  { ...isStream, OldImage: isNotRunning },
  // The first try of a run's first page: another run may have been open before.
  { ...isStream, NewImage: { sequence: { N: ['0'] }, attempt: { N: ['1'] } } },
  schemaNewsFilter,
];

const isStopped = { stopped: { M: { since: { N: [{ exists: true }] } } } };

/** Of what stands still, or has come to go on: each write from the stop on to the first page that succeeds, and each of a breaker. */
export const stoppedFilters = [
  { ...isStream, NewImage: isStopped },
  { ...isStream, OldImage: isStopped },
  { Keys: { pk: { S: [{ prefix: 'breaker#' }] } } },
  // What the watchdog alone notices, such as a stream that has come to be late beside another one.
  { Keys: { pk: { S: [{ prefix: 'incidents#' }] } }, NewImage: { noticed: { BOOL: [true] } } },
];
