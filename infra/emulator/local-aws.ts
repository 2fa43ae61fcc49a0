import path from 'node:path';

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import { PublishCommand } from '@aws-sdk/client-sns';

import type { AlarmState } from './alarms/evaluate-alarm.ts';
import { LocalCloudWatch } from './alarms/local-cloudwatch.ts';
import { measureQueues } from './alarms/measure-queues.ts';
import type { AwsJsonServer } from './embedded/aws-json.ts';
import { removeRunning, writeRunning } from './embedded/data-lock.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from './embedded/embedded-dynamodb.ts';
import { startEmbeddedEvents, type BusEvent } from './embedded/embedded-events.ts';
import { startEmbeddedS3, type EmbeddedS3 } from './embedded/embedded-s3.ts';
import { startEmbeddedQueues, type EmbeddedQueues } from './embedded/embedded-queues.ts';
import { keptSecretsName, startEmbeddedSecrets } from './embedded/embedded-secrets.ts';
import { newAccessKey } from './embedded/guard.ts';
import { KeptEvents } from './embedded/kept-events.ts';
import type { Notification } from './embedded/publish-to-sns.ts';
import type { AsynchronousOptions } from './functions/asynchronously.ts';
import { sendDropped, type DroppedEvent } from './functions/dropped-event.ts';
import { EventSource } from './functions/event-source.ts';
import { LocalEvents } from './functions/local-events.ts';
import { LocalFunctions } from './functions/local-functions.ts';
import type { LogLine } from './functions/log-line.ts';
import { LocalStreams, openStreams } from './functions/local-streams.ts';
import type { TemplateModel } from './template/template-model.ts';

export interface LocalAwsOptions {
  readonly template: TemplateModel;
  /** Made if it is not there. DynamoDB's files are in `dynamodb/`; `running.json` is there as long as this runs. */
  readonly dataDir: string;
  /** Said in `running.json`, for other processes: what goes on by its schedules. */
  readonly ticking?: readonly string[];
  /** By name or ARN: the fields of a secret that somebody has filled in. */
  readonly secrets: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Changes the variables of the template, for one function. */
  readonly adapt: (variables: Readonly<Record<string, string>>) => Readonly<Record<string, string>>;
  /** How long a minute of an alarm's period is here, in milliseconds. */
  readonly minuteMs: number;
  readonly onEvent: (event: AwsEvent) => void;
  /** Called with what makes it pointless to go on. */
  readonly onError: (error: unknown) => void;
}

export type AwsEvent =
  /** A function has written a line to its log. */
  | { readonly kind: 'line'; readonly functionName: string; readonly line: LogLine }
  /** A crash, a time-out, memory that ran out, or an error that the function returned. */
  | {
      readonly kind: 'function-failed';
      readonly functionName: string;
      readonly reason: string;
      /** What it was invoked with: it may hold anything. */
      readonly event: unknown;
    }
  /** Somebody has put an event on the bus. */
  | { readonly kind: 'event'; readonly event: BusEvent }
  /** Somebody has published to a topic. */
  | { readonly kind: 'notification'; readonly notification: Notification }
  | { readonly kind: 'alarm'; readonly name: string; readonly state: AlarmState; readonly reason: string };

interface Parts {
  readonly dataDir: string;
  readonly database: EmbeddedDynamoDb;
  readonly queues: EmbeddedQueues;
  readonly secrets: AwsJsonServer;
  /** Null where the template has no bucket. */
  readonly s3: EmbeddedS3 | null;
  readonly events: AwsJsonServer;
  /** How far who listens to the tables has come. */
  readonly readers: Awaited<ReturnType<typeof openStreams>>;
  /** Of all of them. */
  readonly accessKey: string;
}

/** All that a deployment needs around its functions, in this process. */
export class LocalAws {
  readonly functions: LocalFunctions;
  readonly cloudwatch: LocalCloudWatch;
  /** By which whoever does not wait for an answer has functions invoked. */
  readonly asynchronous: Omit<AsynchronousOptions, 'signal'>;
  readonly #parts: Parts;
  readonly #sources: readonly EventSource[];
  readonly #streams: LocalStreams;
  readonly #options: LocalAwsOptions;
  readonly #events: LocalEvents;
  readonly #kept: KeptEvents;

  static async start(options: LocalAwsOptions): Promise<LocalAws> {
    const { template, dataDir, ticking } = options;
    const accessKey = newAccessKey();
    // First, for it is what tells that another run is under way.
    const database = await startEmbeddedDynamoDb(dataDir, template.tables, accessKey, false);
    let queues: EmbeddedQueues | undefined;
    let s3: EmbeddedS3 | null = null;
    let secrets: AwsJsonServer | undefined;
    let events: AwsJsonServer | undefined;
    try {
      queues = await startEmbeddedQueues(template, accessKey, (notification) => {
        options.onEvent({ kind: 'notification', notification });
      });
      if (template.buckets.length > 0) {
        const { buckets } = template;
        s3 = await startEmbeddedS3({ dataDir, buckets, accessKey, onError: options.onError });
      }
      secrets = await startEmbeddedSecrets({
        secrets: template.secrets,
        values: options.secrets,
        salt: database.salt,
        keptIn: path.join(dataDir, keptSecretsName),
        accessKey,
      });
      const { endpoint: dynamodb } = database;
      // Not before: who finds no S3 here takes it that there is no change log.
      await writeRunning(dataDir, {
        ...{ pid: process.pid, dynamodb, queues: queues.endpoint, accessKey, secrets: secrets.endpoint },
        ...(s3 === null ? {} : { s3: s3.endpoint }),
        ...(ticking === undefined ? {} : { ticking }),
      });
      const readers = await openStreams(template, database.streams);
      events = await startEmbeddedEvents({
        accessKey,
        // Only functions send some, and none of them runs before all of this is there.
        onEvents: (taken, answered) => {
          aws.#take(taken, answered);
        },
      });
      const parts = { dataDir, database, queues, secrets, s3, events, readers, accessKey };
      const aws: LocalAws = new LocalAws(options, parts);
      return aws;
    } catch (error) {
      await events?.close();
      await secrets?.close();
      await s3?.close();
      await queues?.close();
      await database.close();
      throw error;
    }
  }

  private constructor(options: LocalAwsOptions, parts: Parts) {
    const { template, dataDir, adapt, minuteMs, onEvent, onError } = options;
    const { database, queues, secrets, s3, events, readers, accessKey } = parts;
    this.#options = options;
    this.#parts = parts;
    this.cloudwatch = new LocalCloudWatch({
      alarms: template.alarms,
      minuteMs,
      publish: async (TopicArn, Subject, Message) => {
        await queues.sns.send(new PublishCommand({ TopicArn, Subject, Message }));
      },
      invoke: (functionName, event) => {
        this.#events.deliver(functionName, event);
        return Promise.resolve();
      },
      sample: () => measureQueues(template.alarms, (name) => queues.depthOf(name)),
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
        s3: s3?.endpoint ?? null,
        events: events.endpoint,
        accessKey,
      },
      adapt,
      onMetric: (metric) => {
        this.cloudwatch.record(metric);
      },
      onLine: (functionName, line) => {
        onEvent({ kind: 'line', functionName, line });
      },
      onFailure: (functionName, reason, event) => {
        onEvent({ kind: 'function-failed', functionName, reason, event });
      },
    });
    this.#kept = new KeptEvents(dataDir);
    this.asynchronous = {
      functions: template.functions,
      invoke: (name, event) => this.functions.invoke(name, event),
      drop: (dropped) => this.#drop(dropped).catch(onError),
    };
    this.#events = new LocalEvents({ ...this.asynchronous, rules: template.rules, onError });
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
    this.#streams = new LocalStreams({
      ...{ template, streams: database.streams, readers, s3: s3?.client ?? null, onError },
      invoke: (name, event) => this.functions.invoke(name, event),
      onMetric: (metric) => {
        this.cloudwatch.record(metric);
      },
    });
  }

  get dynamodb(): DynamoDBClient {
    return this.#parts.database.client;
  }

  get queues(): EmbeddedQueues {
    return this.#parts.queues;
  }

  /** Null where the template has no bucket. */
  get s3(): S3Client | null {
    return this.#parts.s3?.client ?? null;
  }

  begin(): void {
    this.cloudwatch.start();
    this.#streams.start();
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

  /** All that has been written to the tables is done with by those who listen to them. */
  streamsAreDrained(): Promise<boolean> {
    return this.#streams.areDrained();
  }

  /** Each event, of the bus and of alarms, has come to all whom it is for; one that failed and is to be repeated has not. */
  get eventsAreDelivered(): boolean {
    return this.#events.inFlight === 0;
  }

  /** No event is delivered any more; what has been begun goes on. */
  stopEvents(): void {
    this.#events.stop();
  }

  /** For the end of a run: from now on nobody who listens to a table waits for more of it. */
  flushStreams(): void {
    this.#streams.flush();
  }

  /** Of the tables. What has not been handed over waits for the next start. */
  stopStreams(): Promise<void> {
    return this.#streams.stop();
  }

  /** Of the queues. */
  async stopPolling(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }

  /** In the order in which nobody calls what is already gone. May be called at any time. */
  async close(): Promise<void> {
    this.stopEvents();
    const stopped = Promise.all([this.stopPolling(), this.stopStreams()]);
    await this.functions.close();
    await stopped;
    await this.#events.ended();
    await this.#parts.events.close();
    await this.#kept.close();
    await this.cloudwatch.stop();
    // Who asks now waits until the folder is free.
    await removeRunning(this.#parts.dataDir);
    await this.#parts.secrets.close();
    await this.#parts.queues.close();
    await this.#parts.s3?.close();
    await this.#parts.database.close();
  }

  #take(events: readonly BusEvent[], answered: Promise<void>): void {
    const { onEvent, onError } = this.#options;
    this.#kept.add(events).catch(onError);
    for (const event of events) onEvent({ kind: 'event', event });
    this.#events.take(events, answered);
  }

  async #drop(dropped: DroppedEvent): Promise<void> {
    if (this.functions.isClosing) return;
    const { functionName } = dropped;
    const metric = { namespace: 'AWS/Lambda', name: 'AsyncEventsDropped' };
    this.cloudwatch.record({ ...metric, dimensions: { FunctionName: functionName }, values: [1] });
    const target = this.#options.template.functions.find(({ name }) => name === functionName);
    await sendDropped(dropped, target?.asynchronous.onFailure ?? null, this.queues);
  }
}
