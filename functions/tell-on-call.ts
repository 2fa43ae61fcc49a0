import type { DynamoDBStreamEvent } from 'aws-lambda';

import { alarmChangeOf } from '../lib/aws/alarm-event.ts';
import { connectionsWritten } from '../lib/aws/checkpoint-writes.ts';
import { tellAlarm } from '../lib/on-call/tell-alarm.ts';
import { tellIncidents } from '../lib/on-call/tell-incidents.ts';
import { bindOnCallDependencies } from '../lib/runtime/on-call-dependencies.ts';
import { lambdaFunction } from '../lib/runtime/lambda-function.ts';
import { logger } from '../lib/runtime/logger.ts';

// Runs on a cold start only.
const deps = bindOnCallDependencies();

/** Alarms that have changed their state, and writes of checkpoints that were, or are, stopped: whoever comes first tells people. */
export const handler = lambdaFunction(async (event: object, signal): Promise<void> => {
  if ('Records' in event) {
    const written = connectionsWritten(event as DynamoDBStreamEvent);
    const connections = deps.connections.filter(({ name }) => written.has(name));
    const sent = await Promise.all(connections.map((connection) => tellIncidents(connection, deps, signal)));
    logger.info('told on-call', { subjects: sent.flat().map(({ subject }) => subject) });
    return;
  }
  const sent = await tellAlarm(alarmChangeOf(event), deps, signal);
  logger.info('told on-call', { subjects: sent.map(({ subject }) => subject) });
});
