import { request as send, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { partitionsNamed } from './dynamodb-partitions.ts';
import { startHttpServer, type SeenRequest } from './http-server.ts';

/** A call of AWS as IAM judges it. */
export interface SentCall {
  /** The access key that it was signed with. */
  readonly by: string;
  /** Such as `dynamodb:GetItem`. */
  readonly action: string;
  /** As the caller names it: a table, a queue's URL, a secret's name, `alarm:NAME`, a bucket or `bucket/key`. */
  readonly resource: string;
  /** Of DynamoDB: the partitions that are named. Of a list of a bucket: its prefix. */
  readonly partitions: readonly string[];
}

export interface AwsRecorder {
  /** For AWS_ENDPOINT_URL. */
  readonly origin: string;
  readonly sent: SentCall[];
  /** Called before a call is passed on; `false` has it answered with an error. */
  onCall: (call: SentCall) => Promise<boolean>;
  stop(): Promise<void>;
}

type Service =
  | 'dynamodb'
  | 'sqs'
  | 's3'
  | 'secretsmanager'
  | 'cloudformation'
  | 'sns'
  | 'monitoring'
  | 'logs'
  | 'lambda'
  | 'sts';

/** Stands before the servers of a deployment, and writes down what comes: so nothing of the command is another than it is. */
export async function startAwsRecorder(
  origins: Readonly<Record<'dynamodb' | 'sqs' | 's3' | 'others', string>>,
): Promise<AwsRecorder> {
  const onCall: AwsRecorder['onCall'] = () => Promise.resolve(true);
  const recorder = { sent: [] as SentCall[], onCall };
  const server = await startHttpServer((request, response) => {
    const { authorization = '', 'x-amz-target': target, 'content-type': type = '' } = request.headers;
    const [, by = '', service = ''] = /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
    const origin = isOwn(service) ? origins[service] : origins.others;
    const answer = async (): Promise<void> => {
      const calls = callsOf(service as Service, target, request).map((call) => ({ by, ...call }));
      recorder.sent.push(...calls);
      for (const call of calls) {
        if (await recorder.onCall(call)) continue;
        response
          .writeHead(400, { 'content-type': type })
          .end(JSON.stringify({ __type: 'RefusedForATest', message: 'refused' }));
        return;
      }
      const passed = await passOn(request, origin);
      const content = await buffer(passed);
      response.writeHead(passed.statusCode ?? 500, withoutHops(passed.headers)).end(content);
    };
    answer().catch((error: unknown) => {
      // The test is to see it: an answer of AWS's would be tried again.
      response.writeHead(400, { 'content-type': type }).end(JSON.stringify({ message: String(error) }));
    });
  });
  return Object.assign(recorder, { origin: server.origin, stop: () => server.stop() });
}

/** As it came, byte for byte. Not `fetch`: it says `sec-fetch-mode`, as the page of a browser does, and the S3 answers none. */
function passOn({ method, url, headers, bytes }: SeenRequest, origin: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const passed = send(`${origin}${url}`, { method, headers: withoutHops(headers) }, resolve);
    passed.on('error', reject).end(bytes);
  });
}

/** What is between two neighbours alone. */
const hops: readonly string[] = ['host', 'connection', 'keep-alive', 'transfer-encoding', 'expect'];

function withoutHops(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !hops.includes(name)));
}

function isOwn(service: string): service is 'dynamodb' | 'sqs' | 's3' {
  return service === 'dynamodb' || service === 'sqs' || service === 's3';
}

function callsOf(
  service: Service,
  target: string | string[] | undefined,
  { method, url, body }: SeenRequest,
): readonly Omit<SentCall, 'by'>[] {
  // Which AWS lets everybody ask.
  if (service === 'sts') return [];
  if (service === 'lambda') return [{ action: 'lambda:GetAccountSettings', resource: '*', partitions: [] }];
  if (service === 's3') return [s3CallOf(method, url)];
  if (typeof target !== 'string') {
    const query = new URLSearchParams(body);
    const resource = query.get('StackName') ?? query.get('TopicArn') ?? '';
    return [{ action: `${service}:${query.get('Action') ?? ''}`, resource, partitions: [] }];
  }
  const operation = target.split('.').at(-1) ?? '';
  const input = JSON.parse(body) as Readonly<Record<string, unknown>>;
  switch (service) {
    case 'dynamodb': {
      const action = `dynamodb:${operation}`;
      // They are about a table as a whole, and name no partition.
      if (operation.startsWith('Describe')) {
        return [{ action, resource: String(input['TableName']), partitions: [] }];
      }
      return partitionsNamed(input, operation).map(({ table, partitions }) => ({
        ...{ action, resource: table, partitions },
      }));
    }
    case 'sqs':
      return [{ action: `sqs:${operation}`, resource: String(input['QueueUrl']), partitions: [] }];
    case 'secretsmanager':
      return [{ action: `secretsmanager:${operation}`, resource: String(input['SecretId']), partitions: [] }];
    case 'logs':
      return [{ action: `logs:${operation}`, resource: String(input['logGroupName']), partitions: [] }];
    case 'monitoring':
      return cloudWatchThingsIn(input).map((resource) => ({
        ...{ action: `cloudwatch:${operation}`, resource, partitions: [] },
      }));
    default:
      throw new Error(`The recorder does not know ${service}`);
  }
}

interface CloudWatchInput {
  readonly AlarmName?: string;
  readonly AlarmNames?: readonly string[];
  /** Of a rule that is made. */
  readonly Name?: string;
  readonly MuteTargets?: { readonly AlarmNames: readonly string[] };
  readonly AlarmMuteRuleName?: string;
}

/** Rules and alarms, as their ARNs end: what makes a rule is about its alarms, too. */
function cloudWatchThingsIn({ AlarmName, AlarmNames = [], ...rule }: CloudWatchInput): readonly string[] {
  const rules = [rule.Name, rule.AlarmMuteRuleName].filter((name) => name !== undefined);
  const alarms = [AlarmName, ...AlarmNames, ...(rule.MuteTargets?.AlarmNames ?? [])];
  return [
    ...rules.map((name) => `alarm-mute-rule:${name}`),
    ...alarms.filter((name) => name !== undefined).map((name) => `alarm:${name}`),
  ];
}

const objectActions: Readonly<Record<string, string>> = {
  GET: 's3:GetObject',
  PUT: 's3:PutObject',
  DELETE: 's3:DeleteObject',
};

function s3CallOf(method: string, url: string): Omit<SentCall, 'by'> {
  const { bucket, key, prefix } = s3TargetOf(url);
  if (prefix !== null) return { action: 's3:ListBucket', resource: bucket, partitions: [prefix] };
  const action = objectActions[method];
  if (action === undefined || key === '') throw new Error(`The recorder does not know ${method} of ${url}`);
  return { action, resource: `${bucket}/${key}`, partitions: [] };
}

/** What a request is about. */
interface S3Target {
  readonly bucket: string;
  readonly key: string;
  /** Null where it is no list. */
  readonly prefix: string | null;
}

/** The SDK puts the bucket into the path where the host is an address. */
function s3TargetOf(url: string): S3Target {
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const [, bucket = '', ...key] = decodeURIComponent(pathname).split('/');
  const prefix = searchParams.has('list-type') ? (searchParams.get('prefix') ?? '') : null;
  return { bucket, key: key.join('/'), prefix };
}
