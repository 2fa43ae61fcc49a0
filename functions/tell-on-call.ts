import type { DynamoDBStreamEvent } from 'aws-lambda';

import { alarmChangeOf } from '../lib/aws/alarm-event.ts';
import { isUnreadable } from '../lib/aws/parse-item.ts';
import { connectionsWritten, schemaNewsIn } from '../lib/aws/checkpoint-writes.ts';
import type { Message } from '../lib/on-call/message.ts';
import { tellAlarm } from '../lib/on-call/tell-alarm.ts';
import { tellIncidents } from '../lib/on-call/tell-incidents.ts';
import { tellSchema } from '../lib/on-call/tell-schema.ts';
import { bindOnCallDependencies } from '../lib/runtime/on-call-dependencies.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger } from '../lib/runtime/logger.ts';

// Runs on a cold start only.
const deps = bindOnCallDependencies();

/** Alarms that have changed their state, and writes of checkpoints that were, or are, stopped: whoever comes first tells people. */
export const handler = lambdaFunction(async (event: object, signal): Promise<void> => {
  const isAlarm = !('Records' in event);
  const sent = isAlarm
    ? await tellAlarm(alarmChangeOf(event), deps, signal)
    : await tellWrites(event as DynamoDBStreamEvent, signal);
  logger.info('told on-call', { subjects: sent.map(({ subject }) => subject) });
});

async function tellWrites(event: DynamoDBStreamEvent, signal: AbortSignal): Promise<readonly Message[]> {
  const written = connectionsWritten(event);
  const connections = deps.connections.filter(({ name }) => written.has(name));
  // To its end, each of them: what is not awaited stands still with the function.
  const told = await Promise.allSettled(
    connections.map((connection) => tellIncidents(connection, deps, signal)),
  );
  // What cannot be understood is no better when it is tried again, and the others are not to wait for it.
  const errors = told
    .flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
    .filter((error) => {
      if (isUnreadable(error)) logger.error('not told: what is stored cannot be understood', error);
      return !isUnreadable(error);
    });
  if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be told');
  const sent = told.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  // Nothing of it is remembered as told, so it comes last: a batch that is tried again has got no further.
  const news = schemaNewsIn(event, (error) => {
    logger.error('news of a schema are lost: it cannot be read', error);
  });
  const fields: Message[] = [];
  for (const one of news) fields.push(...(await tellSchema(one, deps)));
  return [...sent, ...fields];
}
