import { z } from 'zod';

const notification = z.object({
  AlarmDescription: z.string(),
  NewStateValue: z.string(),
  OldStateValue: z.string(),
});

/** What CloudWatch itself publishes of an alarm; null where a message is something else. */
export function ofAlarm(message: string): z.infer<typeof notification> | null {
  try {
    return notification.safeParse(JSON.parse(message)).data ?? null;
  } catch {
    return null;
  }
}

/** That an alarm is well from the beginning: it is new with each start here, and no news. */
export function isOfNewAlarm(message: string): boolean {
  const { NewStateValue, OldStateValue } = ofAlarm(message) ?? {};
  return NewStateValue === 'OK' && OldStateValue === 'INSUFFICIENT_DATA';
}
