import type { ServerResponse } from 'node:http';

import { startHttpServer, type SeenRequest } from './http-server.ts';

export interface StackResource {
  readonly type: string;
  readonly logicalId: string;
  readonly physicalId: string;
}

export interface StackServer {
  /** For AWS_ENDPOINT_URL_CLOUDFORMATION, _CLOUDWATCH, _SNS and _SECRETS_MANAGER. */
  readonly origin: string;
  /** The one stack that there is; any other does not exist. */
  readonly resources: StackResource[];
  /** By name. */
  readonly secrets: Map<string, string>;
  readonly subscriptions: { readonly arn: string; readonly protocol: string; readonly endpoint: string }[];
  /** By alarm; OK unless said otherwise. */
  readonly alarmStates: Map<string, string>;
  /** What was changed: the operation and its input. */
  readonly changes: { readonly operation: string; readonly input: Readonly<Record<string, unknown>> }[];
  stop(): Promise<void>;
}

/**
 * What a deployment has beside its tables and queues, over HTTP in AWS's own protocols: the few operations that the command
 * line uses, and an error for any other.
 */
export async function startStackServer(stack: string): Promise<StackServer> {
  const state = {
    resources: [] as StackResource[],
    secrets: new Map<string, string>(),
    subscriptions: [] as { arn: string; protocol: string; endpoint: string }[],
    alarmStates: new Map<string, string>(),
    changes: [] as { operation: string; input: Record<string, unknown> }[],
  };
  const server = await startHttpServer((request, response) => {
    const target = request.headers['x-amz-target'];
    if (typeof target === 'string') {
      answerJson(target.split('.').at(-1) ?? '', JSON.parse(request.body || '{}') as Input, response);
    } else {
      answerQuery(new URLSearchParams(request.body), request, response);
    }
  });

  type Input = Record<string, unknown>;

  function answerJson(operation: string, input: Input, response: ServerResponse): void {
    const send = (status: number, value: object): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(value));
    };
    const secret = String(input['SecretId'] ?? '');
    switch (operation) {
      case 'GetSecretValue':
      case 'PutSecretValue':
        if (!state.secrets.has(secret))
          return send(400, { __type: 'ResourceNotFoundException', Message: 'none' });
        if (operation === 'PutSecretValue') {
          state.changes.push({ operation, input });
          state.secrets.set(secret, String(input['SecretString']));
        }
        return send(200, { Name: secret, VersionId: 'v1', SecretString: state.secrets.get(secret) });
      case 'DescribeAlarms': {
        const names = input['AlarmNames'] as string[];
        return send(200, {
          MetricAlarms: names.map((AlarmName) => ({
            AlarmName,
            StateValue: state.alarmStates.get(AlarmName) ?? 'OK',
          })),
        });
      }
      case 'SetAlarmState':
        state.changes.push({ operation, input });
        return send(200, {});
      default:
        return send(400, { __type: 'UnknownOperationException', message: operation });
    }
  }

  function answerQuery(query: URLSearchParams, _request: SeenRequest, response: ServerResponse): void {
    const send = (status: number, xml: string): void => {
      response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
    };
    const operation = query.get('Action') ?? '';
    const members = (items: readonly string[]): string =>
      items.map((item) => `<member>${item}</member>`).join('');
    switch (operation) {
      case 'ListStackResources': {
        const name = query.get('StackName') ?? '';
        if (name !== stack) {
          const error = `<Code>ValidationError</Code><Message>Stack with id ${name} does not exist</Message>`;
          return send(400, `<ErrorResponse><Error><Type>Sender</Type>${error}</Error></ErrorResponse>`);
        }
        const items = state.resources.map(
          ({ type, logicalId, physicalId }) =>
            `<ResourceType>${type}</ResourceType><LogicalResourceId>${logicalId}</LogicalResourceId><PhysicalResourceId>${physicalId}</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus>`,
        );
        return send(
          200,
          `<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries>${members(items)}</StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>`,
        );
      }
      case 'ListSubscriptionsByTopic': {
        const items = state.subscriptions.map(
          ({ arn, protocol, endpoint }) =>
            `<TopicArn>${query.get('TopicArn') ?? ''}</TopicArn><SubscriptionArn>${arn}</SubscriptionArn><Protocol>${protocol}</Protocol><Endpoint>${endpoint}</Endpoint>`,
        );
        return send(
          200,
          `<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>${members(items)}</Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>`,
        );
      }
      default:
        return send(
          400,
          `<ErrorResponse><Error><Code>InvalidAction</Code><Message>${operation}</Message></Error></ErrorResponse>`,
        );
    }
  }

  return { ...state, origin: server.origin, stop: () => server.stop() };
}
