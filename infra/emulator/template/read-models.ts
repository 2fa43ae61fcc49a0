import { existsSync } from 'node:fs';
import path from 'node:path';

import type { RawResource } from './identities.ts';
import { isObject, resolve, type Lookup } from './intrinsics.ts';
import { functionArn, localArn } from './local-account.ts';
import type { Resource } from './read-resources.ts';
import { unusable, wrongProperty } from './template-error.ts';
import type { FunctionModel, QueueModel, ScheduleModel, SecretModel, TableModel } from './template-model.ts';

/** Properties that are attributes of the same name for CreateQueue. */
const queueAttributes = [
  'DelaySeconds',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'VisibilityTimeout',
] as const;

export function readTable({ name, properties }: Resource<'AWS::DynamoDB::Table'>): TableModel {
  const { KeySchema, AttributeDefinitions, StreamSpecification } = properties;
  return {
    name,
    keySchema: KeySchema,
    attributes: AttributeDefinitions,
    ...(StreamSpecification === undefined ? {} : { stream: StreamSpecification.StreamViewType }),
  };
}

export function readQueue({ name, properties }: Resource<'AWS::SQS::Queue'>): QueueModel {
  const { RedrivePolicy } = properties;
  return {
    name,
    arn: localArn('sqs', name),
    attributes: Object.fromEntries(
      queueAttributes.flatMap((key) =>
        properties[key] === undefined ? [] : [[key, String(properties[key])]],
      ),
    ),
    redrive:
      RedrivePolicy === undefined
        ? null
        : {
            deadLetterArn: RedrivePolicy.deadLetterTargetArn,
            maxReceiveCount: RedrivePolicy.maxReceiveCount,
          },
  };
}

interface FunctionContext {
  readonly assets: ReadonlyMap<string, string>;
  readonly asynchronous: FunctionModel['asynchronous'];
  readonly environment: FunctionModel['environment'];
}

export function readFunction(
  { logicalId, name, properties }: Resource<'AWS::Lambda::Function'>,
  { assets, asynchronous, environment }: FunctionContext,
): FunctionModel {
  const type = 'AWS::Lambda::Function';
  const asset = properties.Code.S3Key.replace(/\.zip$/, '');
  const folder = assets.get(asset);
  if (folder === undefined) throw unusable(logicalId, type, `there is no asset ${asset} in the assembly`);
  const dot = properties.Handler.lastIndexOf('.');
  const module = properties.Handler.slice(0, dot);
  const file = ['.mjs', '.js', '.cjs']
    .map((ending) => path.join(folder, module + ending))
    .find((it) => existsSync(it));
  if (file === undefined)
    throw wrongProperty(logicalId, type, 'Handler', `there is no module ${module} in its asset`);
  return {
    logicalId,
    name,
    arn: functionArn(name),
    file,
    handler: properties.Handler.slice(dot + 1),
    timeoutSeconds: properties.Timeout,
    memoryMb: properties.MemorySize,
    logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: properties.LoggingConfig?.LogFormat ?? null,
    logLevel: properties.LoggingConfig?.ApplicationLogLevel ?? null,
    asynchronous,
    environment,
  };
}

/** The environment variables of a function, resolved anew: what a queue's URL is shows only when the queues are there. */
export function variablesOf(resource: RawResource | undefined, lookup: Lookup): Record<string, string> {
  const environment = resource?.Properties?.['Environment'];
  const variables = resolve(isObject(environment) ? (environment['Variables'] ?? {}) : {}, lookup);
  return Object.fromEntries(
    Object.entries(isObject(variables) ? variables : {}).map(([key, value]) => [key, String(value)]),
  );
}

export function readSchedule(
  { logicalId, name, properties }: Resource<'AWS::Scheduler::Schedule'>,
  functions: readonly FunctionModel[],
): ScheduleModel[] {
  const type = 'AWS::Scheduler::Schedule';
  if (properties.State === 'DISABLED') return [];
  const { Arn, Input } = properties.Target;
  const target = functionCalled(Arn, functions);
  if (target === undefined)
    throw wrongProperty(logicalId, type, 'Target.Arn', 'it is no function of the template');
  if (!isJson(Input)) throw wrongProperty(logicalId, type, 'Target.Input', 'it is not JSON');
  return [
    {
      name,
      functionName: target.name,
      input: Input,
      expression: properties.ScheduleExpression,
      timeZone: properties.ScheduleExpressionTimezone,
    },
  ];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function functionCalled(
  nameOrArn: string,
  functions: readonly FunctionModel[],
): FunctionModel | undefined {
  return functions.find(({ name, arn }) => name === nameOrArn || arn === nameOrArn);
}

export function readSecret({
  logicalId,
  name,
  properties,
}: Resource<'AWS::SecretsManager::Secret'>): SecretModel {
  const { SecretString, GenerateSecretString: generate } = properties;
  return {
    name,
    arn: localArn('secretsmanager', `secret:${name}-laptop`),
    placeholder: (seed) => {
      if (generate === undefined) return SecretString ?? null;
      const password = seed
        .repeat(Math.ceil(generate.PasswordLength / seed.length))
        .slice(0, generate.PasswordLength);
      if (generate.SecretStringTemplate === undefined) return password;
      const fields: unknown = JSON.parse(generate.SecretStringTemplate);
      if (!isObject(fields) || generate.GenerateStringKey === undefined) {
        const type = 'AWS::SecretsManager::Secret';
        throw wrongProperty(
          logicalId,
          type,
          'GenerateSecretString',
          'a template needs a JSON object and a key',
        );
      }
      return JSON.stringify({ ...fields, [generate.GenerateStringKey]: password });
    },
  };
}
