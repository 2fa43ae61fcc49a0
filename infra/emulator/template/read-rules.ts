import type { Resource } from './read-resources.ts';
import { wrongProperty } from './template-error.ts';
import type { FunctionModel, RuleModel } from './template-model.ts';

const ruleType = 'AWS::Events::Rule';

/** None of a rule that is switched off. @throws TemplateError where its targets are not functions of the template. */
export function readRule(
  { logicalId, name, properties }: Resource<typeof ruleType>,
  functions: readonly FunctionModel[],
): RuleModel[] {
  const { EventPattern, State, Targets } = properties;
  if (State === 'DISABLED') return [];
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
