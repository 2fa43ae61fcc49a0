import { startHttpServer } from './http-server.ts';

export interface StackResource {
  readonly type: string;
  readonly logicalId: string;
  readonly physicalId: string;
}

export interface LogLine {
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly eventId: string;
  readonly message: string;
}

export interface StackServer {
  /** For AWS_ENDPOINT_URL_CLOUDFORMATION, _CLOUDWATCH, _CLOUDWATCH_LOGS, _SNS, _SECRETS_MANAGER and _STS. */
  readonly origin: string;
  /** The one stack that there is; any other does not exist. */
  readonly resources: StackResource[];
  /** Of nested stacks, by their ARNs. */
  readonly nested: Map<string, StackResource[]>;
  /** By their keys. */
  readonly outputs: Map<string, string>;
  /** Of the template, by their keys. */
  readonly metadata: Map<string, unknown>;
  /** Of the template, by their keys: what they are by default. */
  readonly parameters: Map<string, string>;
  /** By name. */
  readonly secrets: Map<string, string>;
  readonly subscriptions: {
    readonly topic: string;
    readonly arn: string;
    readonly protocol: string;
    readonly endpoint: string;
  }[];
  /** What Lambda says that the account may run at once; without it nobody may ask. */
  readonly account: { concurrency: number | null };
  /** By alarm; OK unless said otherwise. */
  readonly alarmStates: Map<string, string>;
  /** Operations that nobody may do. */
  readonly denied: Set<string>;
  /** What FilterLogEvents gives of a log group, by its name, page by page; of any other that it is not there. */
  readonly logs: Map<string, readonly (readonly LogLine[])[]>;
  /** What FilterLogEvents was asked. */
  readonly filtered: Readonly<Record<string, unknown>>[];
  /** What was changed: the operation and its input. The version of a secret is `v1` before its first change, and then `v2`. */
  readonly changes: { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }[];
  stop(): Promise<void>;
}

/** Whose the credentials are. */
export const callerOfStack = 'arn:aws:sts::123456789012:assumed-role/Operators/ada';

/** Of an alarm on two queues. */
const queueMetrics = [
  { Id: 'e', Expression: 'MAX([q0,q1])', ReturnData: true },
  {
    Id: 'q0',
    MetricStat: { Metric: { Namespace: 'AWS/SQS' }, Period: 60, Stat: 'Maximum' },
    ReturnData: false,
  },
];

/**
 * What a deployment has beside its tables and queues, over HTTP in AWS's own protocols: the few operations that the command
 * line uses, and an error for any other.
 */
export async function startStackServer(stack: string): Promise<StackServer> {
  const state = {
    resources: [] as StackResource[],
    nested: new Map<string, StackResource[]>(),
    outputs: new Map<string, string>(),
    metadata: new Map<string, unknown>(),
    parameters: new Map<string, string>(),
    secrets: new Map<string, string>(),
    subscriptions: [] as { topic: string; arn: string; protocol: string; endpoint: string }[],
    account: { concurrency: 1000 as number | null },
    alarmStates: new Map<string, string>(),
    denied: new Set<string>(),
    logs: new Map<string, readonly (readonly LogLine[])[]>(),
    filtered: [] as Record<string, unknown>[],
    changes: [] as { operation: string; input: Record<string, unknown> }[],
  };
  const server = await startHttpServer((request, response) => {
    if (request.url.endsWith('/account-settings')) {
      const { concurrency } = state.account;
      const denied = concurrency === null;
      const limit = { UnreservedConcurrentExecutions: concurrency };
      response
        .writeHead(denied ? 403 : 200, denied ? { 'x-amzn-errortype': 'AccessDeniedException' } : {})
        .end(JSON.stringify(denied ? { Message: 'no' } : { AccountLimit: limit }));
      return;
    }
    const target = request.headers['x-amz-target'];
    const { status, content } =
      typeof target === 'string'
        ? jsonFor(target.split('.').at(-1) ?? '', JSON.parse(request.body || '{}') as Input)
        : xmlFor(new URLSearchParams(request.body));
    const isXml = typeof content === 'string';
    response
      .writeHead(status, { 'content-type': isXml ? 'text/xml' : 'application/x-amz-json-1.0' })
      .end(isXml ? content : JSON.stringify(content));
  });

  function jsonFor(operation: string, input: Input): Answer {
    if (state.denied.has(operation))
      return answer(400, { __type: 'AccessDeniedException', message: `not authorized to do ${operation}` });
    const secret = typeof input['SecretId'] === 'string' ? input['SecretId'] : '';
    switch (operation) {
      case 'GetSecretValue':
      case 'PutSecretValue':
        if (!state.secrets.has(secret))
          return answer(400, { __type: 'ResourceNotFoundException', Message: 'none' });
        if (operation === 'PutSecretValue') {
          state.changes.push({ operation, input });
          state.secrets.set(secret, String(input['SecretString']));
        }
        return answer(200, {
          ...{ Name: secret, SecretString: state.secrets.get(secret) },
          VersionId: `v${String(1 + state.changes.filter((one) => one.input['SecretId'] === secret).length)}`,
        });
      case 'DescribeAlarms': {
        const names = input['AlarmNames'] as string[];
        return answer(200, {
          MetricAlarms: names.map((AlarmName) => ({
            AlarmName,
            StateValue: state.alarmStates.get(AlarmName) ?? 'OK',
            AlarmActions: [
              AlarmName.endsWith(' silent')
                ? 'arn:aws:sns:eu-west-1:123456789012:people'
                : 'arn:aws:lambda:eu-west-1:123456789012:function:tell',
            ],
            ...(AlarmName.endsWith(' undelivered') && { Metrics: queueMetrics }),
          })),
        });
      }
      case 'FilterLogEvents': {
        state.filtered.push(input);
        const pages = state.logs.get(String(input['logGroupName']));
        if (pages === undefined) return answer(400, { __type: 'ResourceNotFoundException', message: 'none' });
        const page = Number(input['nextToken'] ?? 0);
        const more = page + 1 < pages.length && { nextToken: String(page + 1) };
        const events = (pages[page] ?? []).filter(({ timestamp }) => timestamp >= Number(input['startTime']));
        return answer(200, { events, ...more });
      }
      case 'SetAlarmState':
      case 'PutAlarmMuteRule':
      case 'DeleteAlarmMuteRule':
        state.changes.push({ operation, input });
        return answer(200, {});
      default:
        return answer(400, { __type: 'UnknownOperationException', message: operation });
    }
  }

  function xmlFor(query: URLSearchParams): Answer {
    const operation = query.get('Action') ?? '';
    const members = (items: readonly string[]): string =>
      items.map((item) => `<member>${item}</member>`).join('');
    switch (operation) {
      case 'ListStackResources': {
        const name = query.get('StackName') ?? '';
        const resources = name === stack ? state.resources : state.nested.get(name);
        if (resources === undefined) return noSuchStack(name);
        const items = resources.map(
          ({ type, logicalId, physicalId }) =>
            `<ResourceType>${type}</ResourceType><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>`,
        );
        return answer(
          200,
          `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${members(items)}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`,
        );
      }
      case 'GetCallerIdentity':
        return answer(
          200,
          `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>${callerOfStack}</Arn><UserId>AROAEXAMPLE:ada</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
        );
      case 'DescribeStacks': {
        const name = query.get('StackName') ?? '';
        if (name !== stack) return noSuchStack(name);
        const outputs = [...state.outputs].map(
          ([key, value]) => `<OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue>`,
        );
        return answer(
          200,
          `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>${name}</StackName><StackId>arn:aws:cloudformation:eu-west-1:123456789012:stack/${name}/1a2b</StackId><Outputs>${members(outputs)}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
        );
      }
      case 'GetTemplateSummary': {
        const name = query.get('StackName') ?? '';
        if (name !== stack) return noSuchStack(name);
        const { size } = state.metadata;
        const json = JSON.stringify(Object.fromEntries(state.metadata))
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;');
        const metadata = size === 0 ? '' : `<Metadata>${json}</Metadata>`;
        const parameters = `<Parameters>${members([...state.parameters].map(([key, value]) => `<ParameterKey>${key}</ParameterKey><DefaultValue>${value}</DefaultValue>`))}</Parameters>`;
        return answer(
          200,
          `<GetTemplateSummaryResponse><GetTemplateSummaryResult>${metadata}${parameters}</GetTemplateSummaryResult></GetTemplateSummaryResponse>`,
        );
      }
      case 'ListSubscriptionsByTopic': {
        const topic = query.get('TopicArn') ?? '';
        const own = state.subscriptions.filter((one) => one.topic === topic);
        const items = own.map(
          ({ arn, protocol, endpoint }) =>
            `<TopicArn>${topic}</TopicArn><SubscriptionArn>${arn}</SubscriptionArn><Protocol>${protocol}</Protocol><Endpoint>${endpoint}</Endpoint>`,
        );
        return answer(
          200,
          `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members(items)}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
        );
      }
      default:
        return answer(
          400,
          `<ErrorResponse><Error><Code>InvalidAction</Code><Message>${operation}</Message></Error></ErrorResponse>`,
        );
    }
  }

  return { ...state, origin: server.origin, stop: () => server.stop() };
}

function noSuchStack(name: string): Answer {
  const error = `<Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message>`;
  return answer(400, `<ErrorResponse><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`);
}

type Input = Record<string, unknown>;

/** XML as a text, or JSON. */
interface Answer {
  readonly status: number;
  readonly content: string | object;
}

function answer(status: number, content: string | object): Answer {
  return { status, content };
}
