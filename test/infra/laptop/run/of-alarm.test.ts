import { describe, expect, it } from 'vitest';

import { isOfNewAlarm, ofAlarm } from '../../../../infra/laptop/run/of-alarm.ts';

const message = (NewStateValue: string, OldStateValue: string): string =>
  JSON.stringify({ AlarmDescription: 'It is.', NewStateValue, OldStateValue });

describe('what CloudWatch publishes of an alarm', () => {
  it('is known by its shape', () => {
    expect(ofAlarm(message('ALARM', 'OK'))).toMatchObject({ AlarmDescription: 'It is.' });
    expect(ofAlarm('Mobaro refuses the key.')).toBeNull();
    expect(ofAlarm('{"version":"1.0"}')).toBeNull();
  });

  it('is no news where the alarm is well from the beginning', () => {
    expect(isOfNewAlarm(message('OK', 'INSUFFICIENT_DATA'))).toBe(true);
    expect(isOfNewAlarm(message('OK', 'ALARM'))).toBe(false);
    expect(isOfNewAlarm(message('ALARM', 'INSUFFICIENT_DATA'))).toBe(false);
    expect(isOfNewAlarm('text')).toBe(false);
  });
});
