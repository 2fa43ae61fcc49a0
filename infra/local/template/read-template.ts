import { readConnections } from './read-connections.ts';
import { isObject } from './intrinsics.ts';
import { lookupIn } from './identities.ts';
import {
  readAlarm,
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
import { localArn } from './local-account.ts';

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
    connections: readConnections(functions),
    tables: all('AWS::DynamoDB::Table').map(({ name, properties }) => ({
      name,
      keySchema: properties.KeySchema,
      attributes: properties.AttributeDefinitions,
    })),
    queues,
    topics: all('AWS::SNS::Topic').map(({ name }) => ({ name, arn: localArn('sns', name) })),
    subscriptions: all('AWS::SNS::Subscription').map(({ properties }) => properties),
    functions,
    mappings: all('AWS::Lambda::EventSourceMapping').flatMap((resource) =>
      readMapping(resource, functions, queues),
    ),
    schedules: all('AWS::Scheduler::Schedule').flatMap((resource) => readSchedule(resource, functions)),
    secrets: all('AWS::SecretsManager::Secret').map(readSecret),
    alarms: all('AWS::CloudWatch::Alarm').map(readAlarm),
  };
}
