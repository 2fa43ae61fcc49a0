import { describe, expect, it } from 'vitest';

import {
  aggregate,
  evaluateAlarm,
  type AlarmRule,
  type AlarmState,
  type ComparisonOperator,
} from '../../../../infra/emulator/alarms/evaluate-alarm.ts';

const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'] as const;

function rule(over: Partial<AlarmRule>): AlarmRule {
  return {
    EvaluationPeriods: 3,
    Threshold: 1,
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    TreatMissingData: 'missing',
    ...over,
  };
}

/** As the user guide writes them: X breaches, 0 does not, - is missing; the newest is on the right. */
function points(text: string): (number | null)[] {
  return text.split(' ').map((point) => (point === '-' ? null : point === 'X' ? 1 : 0));
}

/** A state that no row gives by itself, to see where the current one is kept. */
const current: AlarmState = 'OK';
const keep = 'current';

describe('missing data, by the tables of the CloudWatch user guide', () => {
  it.each([
    // Three of three.
    [3, '0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    [3, '0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    [3, '- - - - -', ['INSUFFICIENT_DATA', keep, 'ALARM', 'OK']],
    [3, '0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    [3, '- - X - -', ['ALARM', keep, 'ALARM', 'OK']],
    [3, '- - - - X', [keep, keep, 'ALARM', 'OK']],
    // Two of three.
    [2, '0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    [2, '0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    [2, '0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    [2, '- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    [2, '- - - X -', ['ALARM', keep, 'ALARM', 'OK']],
  ] as const)('%i of 3 over %s', (toAlarm, range, expected) => {
    for (const from of ['OK', 'ALARM'] as const) {
      const states = treatments.map(
        (TreatMissingData) =>
          evaluateAlarm(rule({ DatapointsToAlarm: toAlarm, TreatMissingData }), points(range), from).state,
      );
      expect(states).toEqual(expected.map((state) => (state === keep ? from : state)));
    }
  });
});

describe('an alarm', () => {
  it.each<[ComparisonOperator, number, AlarmState]>([
    ['GreaterThanOrEqualToThreshold', 1, 'ALARM'],
    ['GreaterThanOrEqualToThreshold', 0.5, 'OK'],
    ['GreaterThanThreshold', 1, 'OK'],
    ['GreaterThanThreshold', 2, 'ALARM'],
    ['LessThanThreshold', 1, 'OK'],
    ['LessThanThreshold', 0, 'ALARM'],
    ['LessThanOrEqualToThreshold', 1, 'ALARM'],
    ['LessThanOrEqualToThreshold', 2, 'OK'],
  ])('with %s 1 over the value %d is %s', (ComparisonOperator, value, state) => {
    expect(
      evaluateAlarm(rule({ EvaluationPeriods: 1, ComparisonOperator }), [null, null, value], current).state,
    ).toBe(state);
  });

  it('needs all of its periods if it does not say how many', () => {
    expect(evaluateAlarm(rule({}), points('X X 0'), current).state).toBe('OK');
    expect(evaluateAlarm(rule({}), points('X X X'), current).state).toBe('ALARM');
  });

  it('looks at the newest of what is there', () => {
    expect(evaluateAlarm(rule({ EvaluationPeriods: 1 }), points('X X 0'), 'ALARM').state).toBe('OK');
    expect(evaluateAlarm(rule({ EvaluationPeriods: 1 }), points('0 0 X'), 'OK').state).toBe('ALARM');
  });

  it('says what it saw', () => {
    expect(evaluateAlarm(rule({ EvaluationPeriods: 1 }), [null, null, 1], current).reason).toBe(
      'Threshold Crossed: 1 out of the last 1 datapoint [1] was greater than or equal to the threshold (1) (1 needed for ALARM).',
    );
    expect(evaluateAlarm(rule({}), points('- - - - -'), current).reason).toContain(
      'no datapoint has been received',
    );
  });
});

describe('a statistic', () => {
  it.each([
    ['SampleCount', 3],
    ['Sum', 6],
    ['Average', 2],
    ['Minimum', 1],
    ['Maximum', 3],
  ] as const)('%s', (statistic, expected) => {
    expect(aggregate(statistic, [2, 1, 3])).toBe(expected);
    expect(aggregate(statistic, [])).toBeNull();
  });
});
