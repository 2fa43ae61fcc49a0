import { localArn } from './local-account.ts';
import { openStacks, type OpenStack, type TemplateSource } from './open-stacks.ts';
import { readAlarm } from './read-alarms.ts';
import { readBuckets } from './read-buckets.ts';
import { asynchronousOf } from './read-invoke-configs.ts';
import { readMappings } from './read-mappings.ts';
import { readFunction, readQueue, readSchedule, readSecret, readTable, variablesOf } from './read-models.ts';
import type { Resource } from './read-resources.ts';
import { readRule } from './read-rules.ts';
import type { ResourceType } from './resource-types.ts';
import type { FunctionModel, TemplateModel } from './template-model.ts';

export interface AssemblySource extends TemplateSource {
  /** Folder of an asset, absolute, by the key it has in S3 without `.zip`. */
  readonly assets: ReadonlyMap<string, string>;
}

/**
 * Reads a synthesized CloudFormation template, with the stacks that are nested in it.
 * @throws TemplateError if anything in it is neither understood nor known to be irrelevant on a laptop.
 */
export function readTemplate({ assets, ...source }: AssemblySource): TemplateModel {
  const stacks = openStacks(source);
  const all = allOf(stacks);

  const onCall = onCallOf(all);
  const queues = all('AWS::SQS::Queue').map(readQueue);
  const invokeConfigs = all('AWS::Lambda::EventInvokeConfig');
  const functions = stacks.flatMap((stack) =>
    stack.all('AWS::Lambda::Function').map((resource): FunctionModel =>
      readFunction(resource, {
        assets,
        asynchronous: asynchronousOf(resource.name, invokeConfigs, { topics: onCall.topics, queues }),
        environment: (origin) => variablesOf(stack.resources[resource.logicalId], stack.lookupAt(origin)),
      }),
    ),
  );
  const tables = all('AWS::DynamoDB::Table').map(readTable);
  const buckets = readBuckets(all('AWS::S3::Bucket'));

  return {
    stackName: source.stackName,
    tables,
    buckets,
    queues,
    ...onCall,
    rules: all('AWS::Events::Rule').flatMap((rule) => readRule(rule, functions)),
    subscriptions: all('AWS::SNS::Subscription').map(({ properties }) => properties),
    functions,
    ...readMappings(all('AWS::Lambda::EventSourceMapping'), { functions, queues, tables, buckets }),
    schedules: all('AWS::Scheduler::Schedule').flatMap((resource) => readSchedule(resource, functions)),
    secrets: all('AWS::SecretsManager::Secret').map(readSecret),
  };
}

type OnCallModel = Pick<TemplateModel, 'topics' | 'alarms'>;

type All = <Type extends ResourceType>(type: Type) => Resource<Type>[];

function allOf(stacks: readonly OpenStack[]): All {
  return (type) => stacks.flatMap((stack) => stack.all(type));
}

/** Only what tells on-call, for which no bundle is needed. @throws TemplateError */
export function readOnCall(source: TemplateSource): OnCallModel {
  return onCallOf(allOf(openStacks(source)));
}

function onCallOf(all: All): OnCallModel {
  const topics = all('AWS::SNS::Topic').map(({ name }) => ({ name, arn: localArn('sns', name) }));
  const known = {
    topics,
    functionNames: all('AWS::Lambda::Function').map(({ name }) => name),
    permissions: all('AWS::Lambda::Permission').map(({ properties }) => properties),
  };
  return {
    topics,
    alarms: all('AWS::CloudWatch::Alarm').map((alarm) => readAlarm(alarm, known)),
  };
}
