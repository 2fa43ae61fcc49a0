import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PublishCommand } from '@aws-sdk/client-sns';

import { adaptEnvironment } from './adapt-environment.ts';
import { compressedMinuteMs, LocalCloudWatch, realMinuteMs } from '../../emulator/alarms/local-cloudwatch.ts';
import { writeRunning } from '../../emulator/embedded/data-lock.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../emulator/embedded/embedded-dynamodb.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from '../../emulator/embedded/embedded-queues.ts';
import { startEmbeddedSecrets, type EmbeddedSecrets } from '../../emulator/embedded/embedded-secrets.ts';
import { newAccessKey } from '../../emulator/embedded/guard.ts';
import { EventSource } from '../../emulator/functions/event-source.ts';
import { LocalFunctions } from '../../emulator/functions/local-functions.ts';
import type { MetricValue } from '../../emulator/functions/log-line.ts';
import { chosenStreams, type LocalRunOptions } from './local-run.ts';

interface Parts {
  readonly database: EmbeddedDynamoDb;
  readonly queues: EmbeddedQueues;
  readonly secrets: EmbeddedSecrets;
  /** Of all three. */
  readonly accessKey: string;
}

/** All that a deployment needs around its functions, in this process. */
export class LocalWorld {
  readonly functions: LocalFunctions;
  readonly cloudwatch: LocalCloudWatch;
  readonly #parts: Parts;
  readonly #sources: readonly EventSource[];
  readonly #options: LocalRunOptions;

  /** @param onError called with what makes it pointless to go on. */
  static async start(options: LocalRunOptions, onError: (error: unknown) => void): Promise<LocalWorld> {
    const { template, dataDir } = options;
    const accessKey = newAccessKey();
    // First, for it is what tells that another run is under way.
    const database = await startEmbeddedDynamoDb(dataDir, template.tables, accessKey);
    let queues: EmbeddedQueues | undefined;
    try {
      queues = await startEmbeddedQueues(template, accessKey);
      const { endpoint: dynamodb } = database;
      await writeRunning(dataDir, {
        ...{ pid: process.pid, dynamodb, queues: queues.endpoint, accessKey },
        ...(options.onlooker === undefined ? {} : { ticking: chosenStreams(options) }),
      });
      const secrets = await startEmbeddedSecrets({
        secrets: template.secrets,
        values: new Map(
          template.connections.flatMap(({ name, secretId }) => {
            const fields = options.secrets.get(name);
            return fields === undefined ? [] : [[secretId, fields] as const];
          }),
        ),
        salt: database.salt,
        accessKey,
      });
      return new LocalWorld(options, { database, queues, secrets, accessKey }, onError);
    } catch (error) {
      await queues?.close();
      await database.close();
      throw error;
    }
  }

  private constructor(options: LocalRunOptions, parts: Parts, onError: (error: unknown) => void) {
    const { template, onEvent } = options;
    const { database, queues, secrets, accessKey } = parts;
    this.#options = options;
    this.#parts = parts;
    this.cloudwatch = new LocalCloudWatch({
      alarms: template.alarms,
      rules: template.rules,
      minuteMs: options.onlooker === undefined ? compressedMinuteMs : realMinuteMs,
      publish: async (TopicArn, subject, Message) => {
        const Subject = subject ?? undefined;
        await queues.sns.send(new PublishCommand({ TopicArn, Subject, Message }));
      },
      sample: () => this.#measureQueues(),
      onTransition: (alarm) => {
        onEvent({ kind: 'alarm', ...alarm });
      },
      onError,
    });
    this.functions = new LocalFunctions({
      functions: template.functions,
      endpoints: {
        dynamodb: database.endpoint,
        queues: queues.endpoint,
        secrets: secrets.endpoint,
        accessKey,
      },
      adapt: (variables) => adaptEnvironment(variables, options),
      onMetric: (metric) => {
        this.cloudwatch.record(metric);
      },
      onEvent,
    });
    this.#sources = template.mappings.map(
      (mapping) =>
        new EventSource({
          mapping,
          sqs: queues.sqs,
          queueUrl: queues.urlOf(mapping.queueName),
          invoke: (name, event) => this.functions.invoke(name, event),
          onError,
        }),
    );
  }

  get dynamodb(): DynamoDBClient {
    return this.#parts.database.client;
  }

  get queues(): EmbeddedQueues {
    return this.#parts.queues;
  }

  begin(): void {
    this.cloudwatch.start();
    for (const source of this.#sources) source.start();
  }

  /** The queues that functions are fed from hold nothing, not even what is still invisible. */
  async queuesAreEmpty(): Promise<boolean> {
    for (const { queueName } of this.#options.template.mappings) {
      const { visible, inFlight, delayed } = await this.queues.depthOf(queueName);
      if (visible + inFlight + delayed > 0) return false;
    }
    return true;
  }

  async stopPolling(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }

  /** In the order in which nobody calls what is already gone. May be called at any time. */
  async close(): Promise<void> {
    const stopped = this.stopPolling();
    await this.functions.close();
    await stopped;
    await this.cloudwatch.stop();
    await this.#parts.secrets.close();
    await this.#parts.queues.close();
    await this.#parts.database.close();
  }

  /** SQS tells CloudWatch how deep its queues are; here it is asked, for those that an alarm watches. */
  async #measureQueues(): Promise<MetricValue[]> {
    const watched = this.#options.template.alarms.flatMap(({ metrics }) =>
      metrics.flatMap(({ namespace, dimensions }) =>
        namespace === 'AWS/SQS' ? Object.values(dimensions) : [],
      ),
    );
    const measured = await Promise.all(
      [...new Set(watched)].map(async (queueName) => {
        const { visible, inFlight, delayed } = await this.queues.depthOf(queueName);
        const metric = { namespace: 'AWS/SQS', dimensions: { QueueName: queueName } };
        return [
          { ...metric, name: 'ApproximateNumberOfMessagesVisible', values: [visible] },
          { ...metric, name: 'ApproximateNumberOfMessagesNotVisible', values: [inFlight] },
          { ...metric, name: 'ApproximateNumberOfMessagesDelayed', values: [delayed] },
        ];
      }),
    );
    return measured.flat();
  }
}
