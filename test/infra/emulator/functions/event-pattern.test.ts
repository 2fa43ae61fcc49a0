import { describe, expect, it } from 'vitest';

import { matchesPattern } from '../../../../infra/emulator/functions/event-pattern.ts';

const event = {
  source: 'aws.cloudwatch',
  resources: ['arn:one', 'arn:two'],
  detail: { alarmName: 'Test users missing', state: { value: 'OK' }, text: 'two\nlines, "quoted"' },
};

describe('an event pattern', () => {
  it.each([
    [{ source: ['aws.cloudwatch', 'aws.s3'] }, true],
    [{ source: ['aws.s3'] }, false],
    [{ resources: [{ prefix: 'arn:t' }] }, true],
    [{ resources: [{ prefix: 'two' }] }, false],
    [{ detail: { alarmName: [{ suffix: ' held' }, { suffix: ' missing' }] } }, true],
    [{ detail: { alarmName: [{ suffix: 'users' }] } }, false],
    [{ detail: { state: { value: ['OK'] }, alarmName: ['other'] } }, false],
    [{ detail: { absent: ['OK'] } }, false],
    [{ detail: { absent: { value: ['OK'] } } }, false],
    [{ detail: { text: [{ exists: true }], absent: [{ exists: false }] } }, true],
    [{ detail: { text: [{ exists: false }] } }, false],
    // It is there, and no leaf.
    [{ detail: { state: [{ exists: true }] } }, false],
    [{ detail: { alarmName: [{ 'anything-but': ['other', 1] }] } }, true],
    [{ source: [{ 'anything-but': ['aws.cloudwatch'] }] }, false],
    [{ detail: { absent: [{ 'anything-but': ['x'] }] } }, false],
  ])('%j matches: %j', (pattern, expected) => {
    expect(matchesPattern(pattern, event)).toBe(expected);
  });
});
