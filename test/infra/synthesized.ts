import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';

import { contextOfProject } from '../../infra/settings/project.ts';
import { PagekeeperApp } from '../../infra/pagekeeper-app.ts';

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

export interface Synthesized {
  readonly app: PagekeeperApp;
  readonly template: Template;
  /** By logical id. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** Those of a type, by logical id; `under` is how the ids must begin. */
  readonly ofType: (type: string, under?: string) => [string, Resource][];
}

/**
 * The stack as it would be deployed with these settings, but without the code of its functions: bundling takes seconds.
 * @param options.validated by CloudFormation's own schemas and rules, as every deployment is; starting that takes seconds, too.
 */
export function synthesized(settings: object | string = {}, options = { validated: false }): Synthesized {
  const app = new PagekeeperApp({
    builtinCloudFormationValidation: options.validated,
    context: { ...contextOfProject(), pagekeeper: settings, 'aws:cdk:bundling-stacks': [] },
  });
  // As this project's own app has it: synthesizing throws on a finding that nobody has acknowledged.
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const template = Template.fromStack(app.stack);
  const resources = template.toJSON()['Resources'] as Synthesized['resources'];
  return {
    app,
    template,
    resources,
    ofType: (type, under = '') =>
      Object.entries(resources).filter(([id, resource]) => resource.Type === type && id.startsWith(under)),
  };
}

/** For a construct on its own. */
export function emptyStack(): Stack {
  return new Stack(new App({ builtinCloudFormationValidation: false }), 'Test');
}

/** A value of the template as text, with `<LogicalId>` or `<LogicalId.Attribute>` where it refers to something. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null) {
    if ('Ref' in value) return `<${String(value.Ref)}>`;
    if ('Fn::GetAtt' in value) return `<${(value['Fn::GetAtt'] as string[]).join('.')}>`;
    if ('Fn::Join' in value) {
      const [separator, parts] = value['Fn::Join'] as [string, unknown[]];
      return parts.map(text).join(separator);
    }
  }
  throw new Error(`Not a text: ${JSON.stringify(value)}`);
}

export interface Statement {
  readonly actions: string[];
  readonly resources: string[];
  readonly conditions: unknown;
}

/** What the role of a function or of schedules may do. */
export function statementsOf(stack: Synthesized, roleId: string): Statement[] {
  return stack
    .ofType('AWS::IAM::Policy')
    .filter(([, policy]) => (policy.Properties['Roles'] as unknown[]).map(text).includes(`<${roleId}>`))
    .flatMap(([, policy]) => {
      const document = policy.Properties['PolicyDocument'] as {
        Statement: { Action: string | string[]; Resource: unknown; Condition?: unknown }[];
      };
      return document.Statement.map((statement) => ({
        actions: [statement.Action].flat(),
        resources: [statement.Resource].flat().map(text),
        conditions: statement.Condition ?? null,
      }));
    });
}
