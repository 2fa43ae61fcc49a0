import { CfnOutput, NestedStack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';

import { needsTokens } from '../../lib/connectors/connector.ts';
import { scopesOf } from '../../lib/connectors/limits.ts';
import { formatStreamName } from '../../lib/connectors/stream-name.ts';
import type { SettingsDocument } from '../../lib/runtime/settings-document.ts';
import { alarmOf } from '../../lib/on-call/alarm-kinds.ts';
import { textsOfConnection } from '../../lib/on-call/alarm-texts.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { secretNameOf, tokensNameOf } from '../settings/names.ts';
import type { ConnectionSettings, ScheduledStream, Settings } from '../settings/settings.ts';
import { Alarms } from './alarms.ts';
import { ConnectionSecret } from './connection-secret.ts';
import type { OnCall } from './on-call.ts';
import { PageQueue } from './page-queue.ts';
import { PagekeeperFunction, type ConnectionLink } from './pagekeeper-function.ts';
import type { Tables } from './tables.ts';
import { Ticks } from './ticks.ts';
import { TokensSecret } from './tokens-secret.ts';

export interface ConnectionProps {
  readonly deployment: string;
  /** Of the whole deployment. */
  readonly settings: SettingsDocument;
  readonly retentionDays: RetentionDays;
  readonly tables: Tables;
  /** Of the stack; one in a nested stack has its own. */
  readonly alarms: Alarms;
  readonly onCall: OnCall;
  readonly teller: IFunction;
  /** All but what holds data or has a name goes into a nested stack of its own. */
  readonly isNested: boolean;
  readonly egress: Settings['egress'];
  readonly key: KmsKey | null;
  readonly keepsData: boolean;
  /** Messages of its queue that may be handled at once. */
  readonly queueConcurrency: number;
}

/**
 * One account at a vendor: all that its streams need, and nothing that another connection could use. Its secret, its queues, its
 * logs and the group of its schedules are in the stack itself, always: they hold something, or have a name that there is once.
 */
export class Connection extends Construct {
  readonly link: ConnectionLink;
  readonly functions: readonly [scheduled: PagekeeperFunction, queued: PagekeeperFunction];
  readonly pageQueue: PageQueue;
  readonly #settings: ConnectionSettings;
  readonly #props: ConnectionProps;
  /** Where everything is that may be made anew. */
  readonly #inner: Construct;
  readonly #alarms: Alarms;
  /** Null where the credentials are sent as they are. */
  readonly #tokens: TokensSecret | null;

  constructor(scope: Construct, id: string, settings: ConnectionSettings, props: ConnectionProps) {
    super(scope, id);
    this.#settings = settings;
    this.#props = props;
    const { name, connector, timeoutSeconds } = settings;
    const { deployment, alarms, onCall, teller, isNested, key } = props;
    this.#inner = isNested
      ? new NestedStack(this, 'Nested', { description: `${deployment}: ${name}` })
      : this;
    this.#alarms = isNested ? new Alarms(this.#inner, 'Alarms', { deployment, onCall, teller }) : alarms;

    const secretName = secretNameOf(deployment, settings);
    const own = { secretName, connection: name, connector, key, isKept: props.keepsData };
    const secretArn =
      settings.secret === null
        ? new ConnectionSecret(this, 'Secret', own).secretArn
        : // The six characters at its end are not known from its name.
          `${Secret.fromSecretNameV2(this, 'SecretThere', secretName).secretArn}-??????`;
    this.#tokens = needsTokens(connector)
      ? new TokensSecret(this, 'Tokens', { ...own, secretName: tokensNameOf(deployment, name) })
      : null;
    const pages = new PageQueue(this, 'Queue', timeoutSeconds, key);
    this.link = {
      name,
      pageQueue: pages.queue,
      secretArn,
    };

    const scheduledSync = this.#syncFunction('ScheduledSync', 'scheduled-sync');
    const queuedSync = this.#syncFunction('QueuedSync', 'queued-sync');
    queuedSync.addEventSource(
      new SqsEventSource(pages.queue, {
        batchSize: 1,
        reportBatchItemFailures: true,
        maxConcurrency: props.queueConcurrency,
      }),
    );
    const ticks = new Ticks(this, 'Ticks', {
      groupName: `${deployment}.${name}`,
      target: scheduledSync,
      ...(isNested && { schedulesIn: this.#inner }),
      key,
    });
    for (const stream of settings.streams) this.#schedule(ticks, stream);

    this.functions = [scheduledSync, queuedSync];
    this.pageQueue = pages;
    this.#watch(pages, ticks, this.functions);
    new CfnOutput(this, 'SecretName', {
      value: secretName,
      description: `Put the ${connector.title} credentials of ${name} here`,
    });
  }

  /** Of its nested stack. */
  get alarms(): readonly string[] {
    return this.#props.isNested ? this.#alarms.names : [];
  }

  #syncFunction(id: string, entry: 'scheduled-sync' | 'queued-sync'): PagekeeperFunction {
    const { name, connector, timeoutSeconds, memoryMb, limitGroup } = this.#settings;
    const { deployment, settings, retentionDays, tables, key } = this.#props;
    const what = { 'scheduled-sync': 'a tick', 'queued-sync': 'a message' }[entry];
    const fn = new PagekeeperFunction(this.#inner, id, {
      keptIn: this,
      entry,
      description: `${deployment}: one page of ${name} for ${what}`,
      deployment,
      connection: name,
      settings,
      timeoutSeconds,
      memoryMb,
      retentionDays,
      key,
      invokedBy: entry === 'scheduled-sync' ? 'schedule' : 'queue',
    });
    const scopes = { account: limitGroup, endpoint: `${limitGroup}:*` };
    const counted = scopesOf(connector).map((part) => scopes[part]);
    const own = ['stream', 'seen', 'ids', 'schema'].map((kind) => `${kind}#${name}/*`);
    const gates = counted.map((scope) => `gate#${scope}`);
    // An outage is of the narrowest.
    const outages = counted.slice(0, 1).map((scope) => `outage#${scope}`);
    const tokens = this.#tokens === null ? [] : [`token#${name}`];
    fn.useCheckpoints(tables.checkpoints, [...own, `breaker#${name}`, ...gates, ...outages, ...tokens]);
    fn.useRecords(tables.records, [`${name}/*`]);
    fn.useConnections([this.link], 'values');
    if (this.#tokens === null) fn.useKey({ reads: ['dynamodb', 'secretsmanager'], writes: ['logs', 'sqs'] });
    else {
      fn.useTokens(this.#tokens.secretArn);
      fn.useKey({ reads: ['dynamodb'], writes: ['logs', 'secretsmanager', 'sqs'] });
    }
    if (this.#props.egress !== null) fn.useNetwork(this.#props.egress);
    return fn;
  }

  #schedule(ticks: Ticks, stream: ScheduledStream): void {
    const fullName = formatStreamName({ connection: this.#settings.name, stream: stream.name });
    ticks.add(stream.name, {
      description: `Starts ${fullName}, or tries its open run again`,
      expression: stream.schedule,
      timeZone: stream.timeZone,
      flexibleWindowMinutes: stream.flexibleWindowMinutes,
      shortestGapSeconds: stream.shortestGapSeconds,
      input: { stream: fullName, scheduledAt: '<aws.scheduler.scheduled-time>' },
    });
  }

  #watch(pages: PageQueue, ticks: Ticks, functions: readonly [PagekeeperFunction, PagekeeperFunction]): void {
    const { name: connection, streams } = this.#settings;
    const { deployment } = this.#props;
    const alarms = this.#alarms;
    const texts = textsOfConnection(deployment, this.#settings, {
      deadLettersArn: pages.deadLetters.queueArn,
      missedTicksUrl: ticks.missed.queueUrl,
    });
    for (const kind of new Set(Object.values(alarmOf))) alarms.onTrouble(kind, connection, texts[kind]);
    alarms.onMessages(connection, [pages.deadLetters, ticks.missed], texts.undelivered);
    const maxGap = Math.max(...streams.map(({ config }) => config.gapSeconds));
    alarms.onErrors('functionErrors', connection, functions, maxGap, texts.functionErrors);
  }
}
