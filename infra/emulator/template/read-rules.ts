import type { Resource } from './read-resources.ts';
import { wrongProperty } from './template-error.ts';
import type { EventRuleModel, FunctionModel, RuleModel, TopicModel } from './template-model.ts';

const ruleType = 'AWS::Events::Rule';
type RuleResource = Resource<typeof ruleType>;
type Pattern = RuleResource['properties']['EventPattern'];
type AlarmPattern = Extract<Pattern, { readonly source: [string] }>;

/** Rules are of two kinds: this one is for alarms of AWS, the other for what somebody puts on the bus. */
function isForAlarms(pattern: Pattern): pattern is AlarmPattern {
  return pattern.source[0] === 'aws.cloudwatch';
}

/** Of a rule for alarms. @throws TemplateError where its targets are not topics of the template. */
export function readAlarmRule(
  { logicalId, name, properties }: RuleResource,
  topics: readonly TopicModel[],
): RuleModel[] {
  const { EventPattern, State, Targets } = properties;
  if (State === 'DISABLED' || !isForAlarms(EventPattern)) return [];
  const { resources, detail, ...always } = EventPattern;
  const targets = Targets.map((target) => {
    const input = 'InputTransformer' in target ? target.InputTransformer : undefined;
    if (!topics.some(({ arn }) => arn === target.Arn)) {
      throw wrongProperty(logicalId, ruleType, 'Targets', `${target.Arn} is no topic of the template`);
    }
    return {
      topicArn: target.Arn,
      input: input === undefined ? null : { paths: input.InputPathsMap, template: input.InputTemplate },
    };
  });
  const { alarmName, previousState, state } = detail ?? {};
  return [
    {
      name,
      pattern: {
        ...always,
        ...(resources === undefined ? {} : { resources }),
        detail: {
          ...(alarmName === undefined ? {} : { alarmName }),
          ...(previousState === undefined ? {} : { previousState }),
          ...(state === undefined ? {} : { state }),
        },
      },
      targets,
    },
  ];
}

/** Of a rule for events that are put on the bus. @throws TemplateError where its targets are not functions of the template. */
export function readEventRule(
  { logicalId, name, properties }: RuleResource,
  functions: readonly FunctionModel[],
): EventRuleModel[] {
  const { EventPattern, State, Targets } = properties;
  if (State === 'DISABLED' || isForAlarms(EventPattern)) return [];
  const { source, 'detail-type': detailType, detail } = EventPattern;
  const functionNames = Targets.map(({ Arn }) => {
    const target = functions.find(({ arn }) => arn === Arn);
    if (target !== undefined) return target.name;
    throw wrongProperty(logicalId, ruleType, 'Targets', `${Arn} is no function of the template`);
  });
  return [
    {
      name,
      pattern: {
        source,
        ...(detailType === undefined ? {} : { 'detail-type': detailType }),
        ...(detail === undefined ? {} : { detail }),
      },
      functionNames,
    },
  ];
}
