import { partitionsNamed } from './dynamodb-partitions.ts';
import { startHttpServer, type SeenRequest } from './http-server.ts';
import { s3TargetOf } from './s3-server.ts';

/** A call of AWS as IAM judges it. */
export interface SentCall {
  /** The access key that it was signed with. */
  readonly by: string;
  /** Such as `dynamodb:GetItem`. */
  readonly action: string;
  /** As the caller names it: a table, a queue's URL, a secret's name, an alarm's, a bucket or `bucket/key`. */
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
  'dynamodb' | 'sqs' | 's3' | 'secretsmanager' | 'cloudformation' | 'sns' | 'monitoring' | 'logs' | 'lambda' | 'sts';

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
      const { method, url, body } = request;
      const headers = {
        authorization,
        'content-type': type,
        'x-amz-date': String(request.headers['x-amz-date']),
      };
      const passed = await fetch(`${origin}${url}`, {
        method,
        ...(body !== '' && { body }),
        headers: typeof target === 'string' ? { ...headers, 'x-amz-target': target } : headers,
      });
      const content = Buffer.from(await passed.arrayBuffer());
      response
        .writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'text/plain' })
        .end(content);
    };
    answer().catch((error: unknown) => {
      // The test is to see it: an answer of AWS's would be tried again.
      response.writeHead(400, { 'content-type': type }).end(JSON.stringify({ message: String(error) }));
    });
  });
  return Object.assign(recorder, { origin: server.origin, stop: () => server.stop() });
}

function isOwn(service: string): service is 'dynamodb' | 'sqs' | 's3' {
  return service === 'dynamodb' || service === 'sqs' || service === 's3';
}

function callsOf(
  service: Service,
  target: string | string[] | undefined,
  { url, body }: SeenRequest,
): readonly Omit<SentCall, 'by'>[] {
  // Which AWS lets everybody ask.
  if (service === 'sts') return [];
  if (service === 'lambda') return [{ action: 'lambda:GetAccountSettings', resource: '*', partitions: [] }];
  // The commands only read it.
  if (service === 's3') {
    const { bucket, key, prefix } = s3TargetOf(url);
    return prefix === null
      ? [{ action: 's3:GetObject', resource: `${bucket}/${key}`, partitions: [] }]
      : [{ action: 's3:ListBucket', resource: bucket, partitions: [prefix] }];
  }
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
      return [input['AlarmNames'] ?? input['AlarmName']].flat().map((name) => ({
        ...{ action: `cloudwatch:${operation}`, resource: String(name), partitions: [] },
      }));
    default:
      throw new Error(`The recorder does not know ${service}`);
  }
}
