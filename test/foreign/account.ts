import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import { z } from 'zod';

export const region = 'eu-central-1';

/** What the function said, and whether it failed. */
export interface Invoked {
  readonly error: string | null;
  readonly payload: string;
}

const configuration = z.object({
  Handler: z.string(),
  Runtime: z.string(),
  Timeout: z.number(),
  MemorySize: z.number(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }),
});

export type FunctionConfiguration = z.infer<typeof configuration>;

/**
 * One account of the server. An access key of twelve digits is the number of an account there, so that each deployment has one
 * to itself and none sees what another has made.
 */
export class Account {
  readonly id: string;
  readonly endpoint: string;
  readonly cloudFormation: CloudFormationClient;
  readonly dynamoDb: DynamoDBClient;
  readonly secrets: SecretsManagerClient;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;

  /** Bootstrapped, as the first deployment into an account wants it. */
  static async open(endpoint: string, id: string): Promise<Account> {
    const account = new Account(endpoint, id);
    await account.#bootstrap();
    return account;
  }

  private constructor(endpoint: string, id: string) {
    this.id = id;
    this.endpoint = endpoint;
    const config = {
      ...{ endpoint, region, credentials: { accessKeyId: id, secretAccessKey: 'foreign' } },
      // A machine that does other things as well answers late.
      requestHandler: { connectionTimeout: 60_000, requestTimeout: 120_000 },
    };
    this.cloudFormation = new CloudFormationClient(config);
    this.dynamoDb = new DynamoDBClient(config);
    this.secrets = new SecretsManagerClient(config);
    this.sns = new SNSClient(config);
    this.sqs = new SQSClient(config);
  }

  /** As `cdk bootstrap` names it. */
  get assetBucket(): string {
    return `cdk-hnb659fds-assets-${this.id}-${region}`;
  }

  async putAsset(key: string, content: Buffer<ArrayBuffer>): Promise<void> {
    await this.#request('s3', 'PUT', `/${this.assetBucket}/${key}`, content);
  }

  async putParameter(name: string, value: string): Promise<void> {
    const body = JSON.stringify({ Name: name, Value: value, Type: 'String', Overwrite: true });
    await this.#request('ssm', 'POST', '/', body, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonSSM.PutParameter',
    });
  }

  async configurationOf(functionName: string): Promise<FunctionConfiguration> {
    const path = `/2015-03-31/functions/${functionName}/configuration`;
    return configuration.parse(await (await this.#request('lambda', 'GET', path)).json());
  }

  /** And waits for its end. */
  async invoke(functionName: string, event: object): Promise<Invoked> {
    const path = `/2015-03-31/functions/${functionName}/invocations`;
    const response = await this.#request('lambda', 'POST', path, JSON.stringify(event));
    return { error: response.headers.get('x-amz-function-error'), payload: await response.text() };
  }

  destroy(): void {
    for (const client of [this.cloudFormation, this.dynamoDb, this.secrets, this.sns, this.sqs])
      client.destroy();
  }

  /** What the templates of the CDK expect of `cdk bootstrap`: a bucket for assets, and its version. */
  async #bootstrap(): Promise<void> {
    await this.putParameter('/cdk-bootstrap/hnb659fds/version', '30');
    const where = `<LocationConstraint>${region}</LocationConstraint>`;
    const body = `<CreateBucketConfiguration>${where}</CreateBucketConfiguration>`;
    await this.#request('s3', 'PUT', `/${this.assetBucket}`, body);
  }

  /** For services whose client is not among our packages: the server reads account and region out of the header alone. */
  async #request(
    service: string,
    method: string,
    path: string,
    body?: string | Buffer<ArrayBuffer>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const scope = `Credential=${this.id}/20260101/${region}/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=none`;
    const response = await fetch(`${this.endpoint}${path}`, {
      method,
      headers: { ...headers, authorization },
      ...(body === undefined ? {} : { body }),
    });
    if (response.ok) return response;
    throw new Error(`${service} answers ${method} ${path} with ${response.status}: ${await response.text()}`);
  }
}
