import { randomUUID } from 'node:crypto';
import { devNull } from 'node:os';
import path from 'node:path';

import type { MetricValue } from '../alarms/metric-store.ts';
import { localCredentials, localRegion } from '../template/local-account.ts';
import type { FunctionModel } from '../template/template-model.ts';
import { FunctionPool } from './function-pool.ts';
import type { Invocation } from './function-worker.ts';
import { readLogLine, type LogLine } from './log-line.ts';

export interface Endpoints {
  readonly dynamodb: string;
  readonly queues: string;
  readonly secrets: string;
  /** Null where the template has no bucket. */
  readonly s3: string | null;
  readonly events: string;
  /** Which all of them ask for. */
  readonly accessKey: string;
}

export interface LocalFunctionsOptions {
  readonly functions: readonly FunctionModel[];
  readonly endpoints: Endpoints;
  /** Changes the variables of the template, for one function. */
  readonly adapt: (variables: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  readonly onMetric: (metric: MetricValue) => void;
  readonly onLine: (functionName: string, line: LogLine) => void;
  /** @param event what it was invoked with */
  readonly onFailure: (functionName: string, reason: string, event: unknown) => void;
}

/** Reasons come from whatever a function throws. */
const maxReasonLength = 500;

/** The functions of the template: what Lambda is to them. */
export class LocalFunctions {
  readonly #options: LocalFunctionsOptions;
  readonly #pools = new Map<string, FunctionPool>();
  #inFlight = 0;
  #isClosing = false;

  constructor(options: LocalFunctionsOptions) {
    this.#options = options;
  }

  /** Invocations that have not ended, waiting ones among them. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** From then on an invocation that fails has only ended with the runner. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  async invoke(functionName: string, event: unknown): Promise<Invocation> {
    const lambda = this.#options.functions.find(({ name }) => name === functionName);
    if (lambda === undefined) throw new Error(`There is no function ${functionName}`);
    this.#inFlight += 1;
    const startedAt = Date.now();
    try {
      const invocation = await this.#poolOf(lambda).invoke(event, {
        awsRequestId: randomUUID(),
        functionName,
        invokedFunctionArn: lambda.arn,
        memoryLimitInMB: String(lambda.memoryMb),
        logGroupName: lambda.logGroup,
        logStreamName: logStream,
      });
      // What ends with the runner has not failed: its message or batch comes again with the next one.
      if (!this.#isClosing) this.#count(functionName, invocation, Date.now() - startedAt, event);
      return invocation;
    } finally {
      this.#inFlight -= 1;
    }
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all([...this.#pools.values()].map((pool) => pool.close()));
  }

  #poolOf(lambda: FunctionModel): FunctionPool {
    let pool = this.#pools.get(lambda.name);
    if (pool === undefined) {
      const { endpoints, adapt } = this.#options;
      pool = new FunctionPool({
        file: lambda.file,
        handler: lambda.handler,
        environment: {
          ...runtimeVariables(lambda, endpoints),
          ...adapt(lambda.environment(endpoints.queues)),
        },
        memoryMb: lambda.memoryMb,
        timeoutMs: lambda.timeoutSeconds * 1000,
        onLine: (line) => {
          this.#read(lambda.name, line);
        },
      });
      this.#pools.set(lambda.name, pool);
    }
    return pool;
  }

  #read(functionName: string, text: string): void {
    const line = readLogLine(text);
    line.metrics.forEach(this.#options.onMetric);
    this.#options.onLine(functionName, line);
  }

  /** The metrics that Lambda publishes of every invocation. */
  #count(functionName: string, invocation: Invocation, durationMs: number, event: unknown): void {
    const { onFailure, onMetric } = this.#options;
    const failed = invocation.kind === 'failed';
    const values = { Invocations: 1, Errors: failed ? 1 : 0, Throttles: 0, Duration: durationMs };
    for (const [name, value] of Object.entries(values)) {
      onMetric({
        namespace: 'AWS/Lambda',
        name,
        dimensions: { FunctionName: functionName },
        values: [value],
      });
    }
    if (failed) onFailure(functionName, invocation.reason.slice(0, maxReasonLength), event);
  }
}

const logStream = 'laptop';

/**
 * What the runtime sets by itself, see "Defined runtime environment variables" in the Lambda guide; and how the SDK finds
 * the embedded servers. Nothing of the user's own environment gets in, AWS profiles least of all.
 */
function runtimeVariables(lambda: FunctionModel, endpoints: Endpoints): Record<string, string> {
  const { accessKeyId, secretAccessKey } = localCredentials(endpoints.accessKey);
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    ...(endpoints.s3 === null ? {} : { AWS_ENDPOINT_URL_S3: endpoints.s3 }),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secrets,
    AWS_ENDPOINT_URL_SNS: endpoints.queues,
    AWS_ENDPOINT_URL_SQS: endpoints.queues,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(lambda.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: lambda.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: lambda.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    ...(lambda.logFormat === null ? {} : { AWS_LAMBDA_LOG_FORMAT: lambda.logFormat }),
    ...(lambda.logLevel === null ? {} : { AWS_LAMBDA_LOG_LEVEL: lambda.logLevel }),
    LAMBDA_TASK_ROOT: path.dirname(lambda.file),
    TZ: ':UTC',
    _HANDLER: `${path.parse(lambda.file).name}.${lambda.handler}`,
  };
}
