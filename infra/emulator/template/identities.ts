import { isObject, noValue, type Lookup } from './intrinsics.ts';
import { bucketArn, localAccount, localArn, localRegion, queueUrl, streamArn } from './local-account.ts';

/** A resource as it stands in the template. */
export interface RawResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

interface Identity {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Naming {
  /** The property that names the resource; without it the name is made of the stack's and the logical id. */
  readonly property?: string;
  readonly maxLength: number;
  /** Of names that are made here. */
  readonly smallLetters?: true;
  readonly identity: (name: string, queueOrigin: string) => Identity;
}

/** What `Ref` and `Fn::GetAtt` give for each type, as the CloudFormation reference has it under "Return values". */
const namings: Readonly<Record<string, Naming>> = {
  'AWS::DynamoDB::Table': {
    property: 'TableName',
    maxLength: 255,
    identity: (name) => {
      const Arn = localArn('dynamodb', `table/${name}`);
      return { ref: name, attributes: { Arn, StreamArn: streamArn(name) } };
    },
  },
  'AWS::S3::Bucket': {
    property: 'BucketName',
    maxLength: 63,
    smallLetters: true,
    identity: (name) => ({
      ref: name,
      attributes: {
        Arn: bucketArn(name),
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${localRegion}.amazonaws.com`,
      },
    }),
  },
  'AWS::SQS::Queue': {
    property: 'QueueName',
    maxLength: 80,
    identity: (name, queueOrigin) => {
      const url = queueUrl(queueOrigin, name);
      return { ref: url, attributes: { Arn: localArn('sqs', name), QueueName: name, QueueUrl: url } };
    },
  },
  'AWS::SNS::Topic': {
    property: 'TopicName',
    maxLength: 256,
    identity: (name) => {
      const arn = localArn('sns', name);
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
    },
  },
  'AWS::Lambda::Function': named('FunctionName', 64, 'lambda', 'function:'),
  'AWS::IAM::Role': named('RoleName', 64, 'iam', 'role/'),
  'AWS::SecretsManager::Secret': {
    property: 'Name',
    maxLength: 512,
    identity: (name) => {
      // Secrets Manager ends every ARN with a hyphen and six characters of its own.
      const arn = localArn('secretsmanager', `secret:${name}-laptop`);
      return { ref: arn, attributes: { Id: arn } };
    },
  },
  'AWS::Scheduler::Schedule': named('Name', 64, 'scheduler', 'schedule/'),
  'AWS::Scheduler::ScheduleGroup': named('Name', 64, 'scheduler', 'schedule-group/'),
  'AWS::CloudWatch::Alarm': named('AlarmName', 255, 'cloudwatch', 'alarm:'),
  'AWS::Events::Rule': named('Name', 64, 'events', 'rule/'),
  'AWS::Logs::LogGroup': named('LogGroupName', 512, 'logs', 'log-group:'),
  'AWS::KMS::Key': {
    maxLength: 64,
    identity: (name) => ({ ref: name, attributes: { Arn: localArn('kms', `key/${name}`), KeyId: name } }),
  },
};

function named(property: string, maxLength: number, service: string, prefix: string): Naming {
  return {
    property,
    maxLength,
    identity: (name) => ({ ref: name, attributes: { Arn: localArn(service, `${prefix}${name}`) } }),
  };
}

/** @returns the physical name, the same in every run: what is stored on a laptop is found again by it. */
export function physicalName(stackName: string, logicalId: string, resource: RawResource): string {
  const naming = namings[resource.Type];
  const chosen = naming?.property === undefined ? undefined : resource.Properties?.[naming.property];
  if (typeof chosen === 'string') return chosen;
  const made = `${stackName}-${logicalId}`.slice(-(naming?.maxLength ?? 64)).replace(/^-+/, '');
  return naming?.smallLetters === true ? made.toLowerCase() : made;
}

export interface LookupContext {
  readonly stackName: string;
  readonly resources: Readonly<Record<string, RawResource>>;
  /** Of the template. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** What a stack around this one gives for them. */
  readonly given: () => Readonly<Record<string, unknown>>;
  /** Of a stack that is nested in this one; undefined where it has none of that name. */
  readonly outputOf: (logicalId: string, name: string) => unknown;
  /** Of the embedded SQS. */
  readonly queueOrigin: string;
}

export function lookupIn({
  stackName,
  resources,
  parameters,
  given,
  outputOf,
  queueOrigin,
}: LookupContext): Lookup {
  const pseudo: Readonly<Record<string, unknown>> = {
    'AWS::AccountId': localAccount,
    'AWS::NoValue': noValue,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': localRegion,
    'AWS::StackId': localArn('cloudformation', `stack/${stackName}/laptop`),
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  function identity(logicalId: string): Identity {
    const resource = resources[logicalId];
    if (resource === undefined) throw new Error(`there is no ${logicalId} in the template`);
    const name = physicalName(stackName, logicalId, resource);
    return namings[resource.Type]?.identity(name, queueOrigin) ?? { ref: name, attributes: {} };
  }

  return {
    ref: (name) => {
      if (name in pseudo) return pseudo[name];
      if (name in parameters) return given()[name] ?? parameterDefault(name, parameters[name]);
      return identity(name).ref;
    },
    getAtt: (logicalId, attribute) => {
      const output = /^Outputs\.(.+)$/.exec(attribute)?.[1];
      const value =
        output === undefined ? identity(logicalId).attributes[attribute] : outputOf(logicalId, output);
      if (value === undefined) {
        throw new Error(
          `the local runner does not know ${attribute} of ${logicalId} (${resources[logicalId]?.Type ?? ''})`,
        );
      }
      return value;
    },
  };
}

function parameterDefault(name: string, parameter: unknown): unknown {
  const value = isObject(parameter) ? parameter['Default'] : undefined;
  if (value === undefined) throw new Error(`the parameter ${name} has no default`);
  return value;
}
