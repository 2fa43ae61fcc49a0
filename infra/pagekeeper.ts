import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, type IRuleTarget } from 'aws-cdk-lib/aws-events';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';

import { changesOf } from '../lib/changes/object-key.ts';
import { snapshotsOf } from '../lib/changes/snapshot-key.ts';
import type { Connector } from '../lib/connectors/connector.ts';
import { formatStreamName } from '../lib/connectors/stream-name.ts';
import { addDeploymentParts } from './constructs/deployment-parts.ts';
import { mostThatFit, resourcesOf, tellOfNested } from './constructs/room.ts';
import { PagekeeperStack } from './pagekeeper-stack.ts';
import { awsLimits } from './settings/aws-limits.ts';
import { readSettings } from './settings/read-settings.ts';
import { SettingsError, wrongValue } from './settings/settings-error.ts';
import type { ConnectionInput, SettingsInput } from './settings/settings-schema.ts';
import type { Settings } from './settings/settings.ts';
import { proposalFor } from './terminal/closest.ts';

/** The settings as cdk.json has them under `pagekeeper`, and what only an app in code can say. */
export interface PagekeeperProps extends Omit<SettingsInput, 'connections' | 'connectors'> {
  /** All connections; left out, one for each of Pagekeeper's own connectors that has anything on by default. */
  readonly connections?: Readonly<
    Record<
      string,
      Omit<ConnectionInput, 'connector'> & {
        /** The connector itself, its name, or a file, from the folder of cdk.json on. */
        readonly connector?: Connector | string;
      }
    >
  >;
  /**
   * What metrics, alarms, secrets and schedules are named by, and events say; unique in account and region. By default the
   * stack's name and the construct's id.
   */
  readonly deployment?: string;
  /** Of tables, bucket and secrets; by default they are kept, but for the stage `dev`. */
  readonly removalPolicy?: RemovalPolicy.RETAIN | RemovalPolicy.DESTROY;
}

/** Which stream's events: all of the deployment where none is named. */
export interface OfStream {
  /** Such as `bob/people`. */
  readonly stream?: string;
}

/**
 * A whole deployment in a stack of one's own. Settings are checked as those of cdk.json are; nothing is taken from the app's
 * context.
 */
export class Pagekeeper extends Construct {
  /** By which all that it makes is named. */
  readonly deployment: string;
  /** Of the streams' records: for functions of one's own that read them. */
  readonly recordsTable: ITable;
  /** Of the change log; null where there is none (`changes: false`). */
  readonly changeBucket: Bucket | null;
  /** Whole names: `mobaro/users`. */
  readonly streams: readonly string[];
  readonly #settings: Settings;
  /** Their ids are the user's, and may be those of parts. */
  readonly #rules: Construct;

  /** @throws SettingsError with one line for each thing that is wrong */
  constructor(scope: Construct, id: string, props: PagekeeperProps = {}) {
    super(scope, id);
    const { deployment = nameOf(this), removalPolicy, ...written } = props;
    const settings = readSettings(written);
    this.deployment = checkedName(this, deployment);
    this.#settings = {
      ...settings,
      stackName: this.deployment,
      keepsData: removalPolicy === undefined ? settings.keepsData : removalPolicy === RemovalPolicy.RETAIN,
    };
    const unnested = this.#unnested();
    this.#rules = new Construct(this, 'Rules');
    const { tables, changeLog } = addDeploymentParts(this, this.#settings, unnested);
    this.recordsTable = tables.records;
    this.changeBucket = changeLog?.bucket ?? null;
    this.streams = settings.connections.flatMap(({ name, streams }) =>
      streams.map((stream) => formatStreamName({ connection: name, stream: stream.name })),
    );
    const nested = settings.connections.slice(unnested).map(({ name }) => name);
    if (!settings.nested) tellOfNested(this, nested);
  }

  /** Lets it read the records of a stream, and its part of the change log: what `pagekeeper/readers` needs. */
  grantRead(grantee: IGrantable, stream: string): Grant {
    this.#mustHave(stream);
    const table = Grant.addToPrincipal({
      grantee,
      actions: ['dynamodb:Query'],
      resourceArns: [this.recordsTable.tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [stream] } },
    });
    const { kmsKey } = this.#settings;
    if (kmsKey !== null) {
      Grant.addToPrincipal({ grantee, actions: ['kms:Decrypt'], resourceArns: [kmsKey.arn] });
    }
    if (this.changeBucket === null) return table;
    const prefixes = [changesOf(stream), snapshotsOf(stream)];
    const list = Grant.addToPrincipal({
      grantee,
      actions: ['s3:ListBucket'],
      resourceArns: [this.changeBucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
    });
    const objects = Grant.addToPrincipal({
      grantee,
      actions: ['s3:GetObject'],
      resourceArns: prefixes.map((prefix) => this.changeBucket?.arnForObjects(`${prefix}*`) ?? ''),
    });
    return table.combine(list).combine(objects);
  }

  /** Each time that a run of a stream has ended, complete or not, and its lines are in the change log. */
  onRunEnded(id: string, target: IRuleTarget, { stream }: OfStream = {}): Rule {
    return this.#rule(id, 'Run Ended', stream, target);
  }

  /** Each time that records of a stream have changed. */
  onRecordsChanged(id: string, stream: string, target: IRuleTarget): Rule {
    return this.#rule(id, 'Records Changed', stream, target);
  }

  #rule(id: string, detailType: string, stream: string | undefined, target: IRuleTarget): Rule {
    if (stream !== undefined) this.#mustHave(stream);
    return new Rule(this.#rules, id, {
      description: `${detailType} of ${stream ?? 'every stream'}`,
      eventPattern: {
        source: ['pagekeeper'],
        detailType: [detailType],
        detail: { deployment: [this.deployment], ...(stream !== undefined && { stream: [stream] }) },
      },
      targets: [target],
    });
  }

  #mustHave(stream: string): void {
    if (this.streams.includes(stream)) return;
    throw new SettingsError(
      `pagekeeper: ${this.node.path} has no stream "${stream}"${proposalFor(stream, this.streams)}; it has ${this.streams.join(', ')}`,
    );
  }

  /** How many connections the stack itself has room for, beside what is in it by now. */
  #unnested(): number {
    const { nested, connections } = this.#settings;
    if (nested) return 0;
    const room = awsLimits.resources - resourcesOf(Stack.of(this));
    const fits = (unnested: number): boolean => this.#countedResources(unnested) <= room;
    return fits(connections.length) ? connections.length : mostThatFit(connections.length, fits);
  }

  /** Of a stack that is made in another app, and thrown away: no construct can be taken back whole. */
  #countedResources(unnested: number): number {
    const outdir = mkdtempSync(path.join(tmpdir(), 'pagekeeper-room-'));
    try {
      const context = { ...(this.node.getAllContext() as object), 'aws:cdk:bundling-stacks': [] };
      const app = new App({ outdir, postCliContext: context, autoSynth: false, analyticsReporting: false });
      return resourcesOf(new PagekeeperStack(app, 'Counted', this.#settings, unnested));
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }
}

/** The stack's name and the ids below it. */
function nameOf(construct: Construct): string {
  const stack = Stack.of(construct);
  const below = construct.node.scopes.slice(construct.node.scopes.indexOf(stack) + 1);
  return [stack.stackName, ...below.map(({ node }) => node.id)].join('-').replaceAll(/[^A-Za-z0-9-]+/g, '-');
}

/** @throws SettingsError where it is too long for the names that are made of it, or another construct's */
function checkedName(construct: Pagekeeper, deployment: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]{0,39}$/.test(deployment)) {
    const rule = 'must be given and be 1 to 40 letters, digits and hyphens, a letter first';
    throw wrongValue('pagekeeper.deployment', rule, deployment);
  }
  const others = Stack.of(construct).node.findAll();
  if (
    others.some(
      (other) => other instanceof Pagekeeper && other !== construct && other.deployment === deployment,
    )
  ) {
    throw new SettingsError(
      `pagekeeper.deployment: must be another one, for the stack has a "${deployment}" already`,
    );
  }
  return deployment;
}
