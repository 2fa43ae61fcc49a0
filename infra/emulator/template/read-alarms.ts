import { alarmPrincipal, permits } from './alarm-permissions.ts';
import { problemWithMetric } from './aws-metrics.ts';
import { functionArn, localArn } from './local-account.ts';
import { metricsIn, parseExpression, type Expression } from './metric-math.ts';
import type { Resource } from './read-resources.ts';
import type { PropertiesOf } from './resource-types.ts';
import { unusable, wrongProperty } from './template-error.ts';
import type { AlarmModel, AlarmTarget, TopicModel, WatchedMetric } from './template-model.ts';

const alarmType = 'AWS::CloudWatch::Alarm';

interface Known {
  readonly topics: readonly TopicModel[];
  readonly functionNames: readonly string[];
  readonly permissions: readonly PropertiesOf<'AWS::Lambda::Permission'>[];
}

/**
 * @throws TemplateError for an alarm that could not be evaluated here as CloudWatch does, and for an action that is neither a
 * topic of the template nor one of its functions which the alarm may invoke.
 */
export function readAlarm(resource: Resource<typeof alarmType>, known: Known): AlarmModel {
  const { logicalId, name, properties } = resource;
  const watched =
    properties.Metrics === undefined
      ? oneMetric(logicalId, properties)
      : metricMath(logicalId, properties.Metrics);
  for (const metric of watched.metrics) {
    const problem = problemWithMetric(metric.namespace, metric.name);
    if (problem !== undefined) throw wrongProperty(logicalId, alarmType, 'MetricName', problem);
  }
  const { AlarmDescription, ActionsEnabled } = properties;
  const { EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator, TreatMissingData } =
    properties;
  const rule = { EvaluationPeriods, DatapointsToAlarm, Threshold, ComparisonOperator, TreatMissingData };
  return {
    AlarmDescription,
    ActionsEnabled,
    AlarmActions: targetsOf(resource, 'AlarmActions', known),
    OKActions: targetsOf(resource, 'OKActions', known),
    InsufficientDataActions: targetsOf(resource, 'InsufficientDataActions', known),
    ...rule,
    ...watched,
    name,
    arn: arnOf(name),
  };
}

function arnOf(name: string): string {
  return localArn('cloudwatch', `alarm:${name}`);
}

function targetsOf(
  { logicalId, name, properties }: Resource<typeof alarmType>,
  property: 'AlarmActions' | 'OKActions' | 'InsufficientDataActions',
  { topics, functionNames, permissions }: Known,
): AlarmTarget[] {
  return properties[property].map((target) => {
    if (topics.some(({ arn }) => arn === target)) return { topicArn: target };
    const functionName = functionNames.find((one) => functionArn(one) === target);
    if (functionName === undefined) {
      const problem = `${target} is no topic and no function of the template`;
      throw wrongProperty(logicalId, alarmType, property, problem);
    }
    // In AWS nothing fails: the function is not invoked, and nobody hears of the alarm.
    if (!permissions.some((permission) => permits(permission, functionName, arnOf(name)))) {
      const problem = `no AWS::Lambda::Permission lets ${alarmPrincipal} invoke ${functionName} for this alarm`;
      throw wrongProperty(logicalId, alarmType, property, problem);
    }
    return { functionName };
  });
}

type Properties = Resource<typeof alarmType>['properties'];
type Watch = Pick<AlarmModel, 'metrics' | 'formula' | 'period'>;

function oneMetric(
  logicalId: string,
  given: Pick<Properties, 'Namespace' | 'MetricName' | 'Dimensions' | 'Statistic' | 'Period'>,
): Watch {
  const { Namespace, MetricName, Dimensions, Statistic, Period } = given;
  if (
    Namespace === undefined ||
    MetricName === undefined ||
    Statistic === undefined ||
    Period === undefined
  ) {
    throw unusable(logicalId, alarmType, 'it needs Namespace, MetricName, Statistic and Period, or Metrics');
  }
  const dimensions = dimensionsOf(Dimensions);
  const metric = { id: 'm1', namespace: Namespace, name: MetricName, dimensions, statistic: Statistic };
  return { metrics: [metric], formula: null, period: Period };
}

function metricMath(logicalId: string, given: NonNullable<Properties['Metrics']>): Watch {
  const trouble = (problem: string) => wrongProperty(logicalId, alarmType, 'Metrics', problem);
  const returned = given.filter(({ ReturnData }) => ReturnData);
  const [result] = returned;
  if (returned.length !== 1 || result?.Expression === undefined) {
    throw trouble('exactly one expression must be what the alarm looks at');
  }
  const metrics: WatchedMetric[] = [];
  const periods = new Set<number>();
  for (const { Id, MetricStat } of given.filter((one) => one !== result)) {
    if (MetricStat === undefined) throw trouble(`${Id} is an expression inside of another`);
    const { Metric, Period, Stat } = MetricStat;
    periods.add(Period);
    metrics.push({
      id: Id,
      namespace: Metric.Namespace,
      name: Metric.MetricName,
      dimensions: dimensionsOf(Metric.Dimensions),
      statistic: Stat,
    });
  }
  const [period, ...otherPeriods] = periods;
  if (period === undefined || otherPeriods.length > 0) throw trouble('its metrics must have one period');
  const expression = parsed(result.Expression, trouble);
  const unknown = metricsIn(expression).find((id) => !metrics.some((metric) => metric.id === id));
  if (unknown !== undefined) throw trouble(`there is no metric ${unknown}`);
  const { Id: id, Expression: text, Label: label = null } = result;
  return { metrics, formula: { id, text, label, expression }, period };
}

function parsed(text: string, trouble: (problem: string) => Error): Expression {
  try {
    return parseExpression(text);
  } catch (error) {
    throw trouble(error instanceof Error ? error.message : String(error));
  }
}

function dimensionsOf(list: Properties['Dimensions']): Record<string, string> {
  return Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
}
