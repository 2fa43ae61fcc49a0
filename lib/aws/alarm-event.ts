import * as z from 'zod';

import type { AlarmChange } from '../on-call/tell-alarm.ts';

/** As CloudWatch invokes a function for an alarm (AWS, "Invoke a Lambda function from an alarm"). */
const alarmEvent = z.object({
  source: z.literal('aws.cloudwatch'),
  alarmData: z.object({
    alarmName: z.string(),
    state: z.object({
      value: z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']),
      reason: z.string().default(''),
      timestamp: z.string(),
    }),
    configuration: z.object({ description: z.string().default('') }).default({ description: '' }),
  }),
});

/** @throws ZodError for anything else */
export function alarmChangeOf(event: unknown): AlarmChange {
  const { alarmName, state, configuration } = alarmEvent.parse(event).alarmData;
  return {
    name: alarmName,
    state: state.value,
    // Their offset is written without a colon.
    at: Date.parse(state.timestamp.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')),
    reason: state.reason,
    description: configuration.description,
  };
}
