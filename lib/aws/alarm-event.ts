import * as z from 'zod';

import type { AlarmChange } from '../on-call/alarm-change.ts';

const state = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);

/** As CloudWatch invokes a function for an alarm (AWS, "Invoke a Lambda function from an alarm"). */
const alarmEvent = z.object({
  source: z.literal('aws.cloudwatch'),
  alarmArn: z.string(),
  accountId: z.string(),
  region: z.string(),
  alarmData: z.object({
    alarmName: z.string(),
    state: z.object({ value: state, reason: z.string().default(''), timestamp: z.string() }),
    previousState: z.object({ value: state }).optional(),
    configuration: z.object({ description: z.string().default('') }).default({ description: '' }),
  }),
});

/** @throws ZodError for anything else */
export function alarmChangeOf(event: unknown): AlarmChange {
  const { alarmArn, accountId, region, alarmData } = alarmEvent.parse(event);
  const { alarmName, state: now, previousState, configuration } = alarmData;
  return {
    name: alarmName,
    arn: alarmArn,
    account: accountId,
    region,
    state: now.value,
    stateBefore: previousState?.value ?? null,
    // Their offset is written without a colon.
    at: Date.parse(now.timestamp.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')),
    reason: now.reason,
    description: configuration.description,
  };
}
