import type { Statistic } from '../template/template-model.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export type ComparisonOperator =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

export interface AlarmRule {
  readonly EvaluationPeriods: number;
  /** M of "M out of N"; N itself if left out. */
  readonly DatapointsToAlarm?: number | undefined;
  readonly Threshold: number;
  readonly ComparisonOperator: ComparisonOperator;
  readonly TreatMissingData: 'missing' | 'notBreaching' | 'breaching' | 'ignore';
}

export interface Evaluation {
  readonly state: AlarmState;
  readonly reason: string;
}

/**
 * CloudWatch looks at more periods than it evaluates, so that a late datapoint is not a missing one. It does not say at
 * how many; its own examples have five for three, so two more are taken here.
 */
export const extraPeriods = 2;

/** @returns the statistic of the values of one period, or null if there are none. */
export function aggregate(statistic: Statistic, values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case 'SampleCount':
      return values.length;
    case 'Sum':
      return sum;
    case 'Average':
      return sum / values.length;
    case 'Minimum':
      return values.reduce((a, b) => Math.min(a, b));
    case 'Maximum':
      return values.reduce((a, b) => Math.max(a, b));
  }
}

/**
 * Decides an alarm's state from the datapoints of its evaluation range, by the tables of the CloudWatch user guide,
 * "Configuring how CloudWatch alarms treat missing data".
 * @param datapoints one for each period, oldest first, null where the metric had no data.
 */
export function evaluateAlarm(
  rule: AlarmRule,
  datapoints: readonly (number | null)[],
  current: AlarmState,
): Evaluation {
  const toAlarm = rule.DatapointsToAlarm ?? rule.EvaluationPeriods;
  // The newest that exist, as many as are evaluated; `age` 1 is the newest period.
  const present = datapoints
    .map((value, index) => ({ value, age: datapoints.length - index }))
    .filter((point): point is { value: number; age: number } => point.value !== null)
    .slice(-rule.EvaluationPeriods);
  const breaching = present.filter(({ value }) => breaches(rule, value));
  const missing = rule.EvaluationPeriods - present.length;
  const becomes = (state: AlarmState): Evaluation => ({
    state,
    reason: reasonOf(
      rule,
      state,
      present.map(({ value }) => value),
      breaching.length,
      missing,
      toAlarm,
    ),
  });

  if (missing === 0) return becomes(breaching.length >= toAlarm ? 'ALARM' : 'OK');
  switch (rule.TreatMissingData) {
    case 'breaching':
      return becomes(breaching.length + missing >= toAlarm ? 'ALARM' : 'OK');
    case 'notBreaching':
      return becomes(breaching.length >= toAlarm ? 'ALARM' : 'OK');
    case 'ignore':
    case 'missing':
      if (breaching.length >= toAlarm) return becomes('ALARM');
      if (breaching.length < present.length) return becomes('OK');
      // From here on all that exists breaches, and it is too little, or nothing.
      if (rule.TreatMissingData === 'ignore') return becomes(current);
      if (present.length === 0) return becomes('INSUFFICIENT_DATA');
      // "The alarm always goes into ALARM when the oldest available breaching datapoint is at least as old as Datapoints to Alarm."
      return becomes((present[0]?.age ?? 0) >= toAlarm ? 'ALARM' : current);
  }
}

function breaches({ ComparisonOperator, Threshold }: AlarmRule, value: number): boolean {
  switch (ComparisonOperator) {
    case 'GreaterThanOrEqualToThreshold':
      return value >= Threshold;
    case 'GreaterThanThreshold':
      return value > Threshold;
    case 'LessThanThreshold':
      return value < Threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= Threshold;
  }
}

const comparisons: Readonly<Record<ComparisonOperator, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/** As CloudWatch words it, but without the times: they are compressed here. */
function reasonOf(
  rule: AlarmRule,
  state: AlarmState,
  values: readonly number[],
  breaching: number,
  missing: number,
  toAlarm: number,
): string {
  const periods = `${String(rule.EvaluationPeriods)} datapoint${rule.EvaluationPeriods === 1 ? '' : 's'}`;
  if (values.length === 0) {
    const treated = rule.TreatMissingData === 'missing' ? '' : ` and treated as [${rule.TreatMissingData}]`;
    return state === 'INSUFFICIENT_DATA'
      ? 'Insufficient Data: no datapoint has been received.'
      : `No datapoint of the last ${periods} was received${treated}.`;
  }
  const crossed = state === 'ALARM' ? breaching : values.length - breaching;
  const verb = state === 'ALARM' ? 'was' : 'was not';
  const shown = values.map((value) => String(value)).join(', ');
  const absent = missing === 0 ? '' : `, ${String(missing)} missing`;
  return (
    `Threshold Crossed: ${String(crossed)} out of the last ${periods} [${shown}${absent}] ${verb} ` +
    `${comparisons[rule.ComparisonOperator]} the threshold (${String(rule.Threshold)}) ` +
    `(${String(toAlarm)} needed for ALARM).`
  );
}
