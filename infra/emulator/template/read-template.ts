import { lookupIn, type RawResource } from './identities.ts';
import { isObject, type Lookup } from './intrinsics.ts';
import { localArn } from './local-account.ts';
import { readAlarm, readRule } from './read-alarms.ts';
import {
  readFunction,
  readMapping,
  readQueue,
  readSchedule,
  readSecret,
  variablesOf,
} from './read-models.ts';
import { checkResources, resourcesOf, type Resource } from './read-resources.ts';
import type { ResourceType } from './resource-types.ts';
import { TemplateError } from './template-error.ts';
import type { TemplateModel } from './template-model.ts';

export interface TemplateSource {
  readonly stackName: string;
  /** The CloudFormation template, parsed. */
  readonly template: unknown;
  /** Folder of an asset, absolute, by the key it has in S3 without `.zip`. */
  readonly assets: ReadonlyMap<string, string>;
}

/** Sections that say nothing about what runs; a condition only matters where a resource has one. */
const harmlessSections = new Set([
  'AWSTemplateFormatVersion',
  'Conditions',
  'Description',
  'Metadata',
  'Outputs',
  'Parameters',
  'Resources',
  'Rules',
]);

/**
 * Reads a synthesized CloudFormation template.
 * @throws TemplateError if anything in it is neither understood nor known to be irrelevant on a laptop.
 */
export function readTemplate({ stackName, template, assets }: TemplateSource): TemplateModel {
  const { resources, lookupAt, all } = open({ stackName, template });

  const invokeConfigs = all('AWS::Lambda::EventInvokeConfig').map(({ properties }) => properties);
  const functions = all('AWS::Lambda::Function').map((resource) =>
    readFunction(resource, {
      assets,
      invokeConfigs,
      environment: (origin) => variablesOf(resources[resource.logicalId], lookupAt(origin)),
    }),
  );
  const queues = all('AWS::SQS::Queue').map(readQueue);

  return {
    stackName,
    tables: all('AWS::DynamoDB::Table').map(({ name, properties }) => ({
      name,
      keySchema: properties.KeySchema,
      attributes: properties.AttributeDefinitions,
    })),
    queues,
    ...onCallOf(all),
    subscriptions: all('AWS::SNS::Subscription').map(({ properties }) => properties),
    functions,
    mappings: all('AWS::Lambda::EventSourceMapping').flatMap((resource) =>
      readMapping(resource, functions, queues),
    ),
    schedules: all('AWS::Scheduler::Schedule').flatMap((resource) => readSchedule(resource, functions)),
    secrets: all('AWS::SecretsManager::Secret').map(readSecret),
  };
}

type OnCallModel = Pick<TemplateModel, 'topics' | 'alarms' | 'rules'>;

/** Only what tells on-call, for which no bundle is needed. @throws TemplateError */
export function readOnCall(source: Omit<TemplateSource, 'assets'>): OnCallModel {
  return onCallOf(open(source).all);
}

function onCallOf(all: Opened['all']): OnCallModel {
  const topics = all('AWS::SNS::Topic').map(({ name }) => ({ name, arn: localArn('sns', name) }));
  return {
    topics,
    alarms: all('AWS::CloudWatch::Alarm').map(readAlarm),
    rules: all('AWS::Events::Rule').flatMap((rule) => readRule(rule, topics)),
  };
}

interface Opened {
  readonly resources: Readonly<Record<string, RawResource>>;
  /** What is referred to, with queues at this origin. */
  readonly lookupAt: (queueOrigin: string) => Lookup;
  /** The resources of a type. */
  readonly all: <Type extends ResourceType>(type: Type) => Resource<Type>[];
}

function open({ stackName, template }: Omit<TemplateSource, 'assets'>): Opened {
  if (!isObject(template)) throw new TemplateError('The template is not a JSON object.');
  const strange = Object.keys(template).find((section) => !harmlessSections.has(section));
  if (strange !== undefined)
    throw new TemplateError(`The local runner does not know the section ${strange} of the template.`);
  const resources = checkResources(template['Resources']);
  const parameters = isObject(template['Parameters']) ? template['Parameters'] : {};
  const lookupAt = (queueOrigin: string) => lookupIn({ stackName, resources, parameters, queueOrigin });
  const lookup = lookupAt('http://127.0.0.1');
  const all = <Type extends ResourceType>(type: Type): Resource<Type>[] =>
    resourcesOf(type, resources, stackName, lookup);
  return { resources, lookupAt, all };
}
