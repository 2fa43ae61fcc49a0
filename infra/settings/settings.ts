import type { RetentionDays } from 'aws-cdk-lib/aws-logs';

import type { Connector, Limit, StreamDefinition } from '../../lib/connectors/connector.ts';
import type { Severity } from '../../lib/on-call/alarm-kinds.ts';
import type { KmsKey } from './kms-key.ts';
import type { TablePart } from './names.ts';
import type { ConnectionConfig } from '../../lib/runtime/settings-document.ts';

/** What is deployed: the user's settings with every default filled in. */
export interface Settings {
  readonly stage: string;
  /** `Pagekeeper`, and the stage behind it unless that is `prod`. Also the dimension `deployment` of every metric. */
  readonly stackName: string;
  /** The data outlives the stack and cannot be deleted by accident. */
  readonly keepsData: boolean;
  /** Of tables that there are already; null where the stack has its own. */
  readonly tables: Readonly<Record<TablePart, string | null>>;
  /** Of the streams of tables that there are already; null where it is not known, and for the stack's own. */
  readonly streamArns: Readonly<Record<TablePart, string | null>>;
  /** Null where there is no change log. */
  readonly changes: ChangeLogSettings | null;
  /** Tables over the change log, in the catalogue of Glue. */
  readonly lake: boolean;
  /** What the functions that call vendors are put into; null leaves them outside of any VPC. */
  readonly egress: Egress | null;
  /** What all that is kept is encrypted with; null leaves it to the keys of AWS, and the topics to one of the stack's own. */
  readonly kmsKey: KmsKey | null;
  /** By severity: who is told. */
  readonly onCall: Readonly<Record<Severity, OnCallTargets>>;
  /** The page on which the sections of the runbook are; by default that of the project folder. */
  readonly runbookUrl: string;
  readonly retentionDays: RetentionDays;
  /** Each connection in a nested stack of its own; otherwise those only for which the stack has no room. */
  readonly nested: boolean;
  readonly connections: readonly ConnectionSettings[];
}

export interface ChangeLogSettings {
  /** Days that its lines are kept. */
  readonly retentionDays: number;
  /** Whether a line says what the record was before. */
  readonly before: boolean;
}

export interface OnCallTargets {
  readonly emails: readonly string[];
  readonly https: readonly HttpsTarget[];
  readonly slack: { readonly workspaceId: string; readonly channelId: string } | null;
}

export interface Egress {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
}

/** A URL, or where one is kept that holds a key. */
export type HttpsTarget =
  string | { readonly secret: string; readonly field?: string | undefined } | { readonly parameter: string };

export interface ConnectionSettings {
  readonly name: string;
  readonly connector: Connector;
  /** Its own, or the one it shares: what the vendor's limit is kept under. */
  readonly limitGroup: string;
  /** Requests a minute, where the vendor has one limit for the account and the user says how high it is. */
  readonly limitPerMinute: number | null;
  /** The same in any span of time. */
  readonly limits: readonly Limit[];
  /** The name of one that there is already; null where the stack has its own. */
  readonly secret: string | null;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Where access tokens are requested; null where the connector needs none. */
  readonly tokenUrl: string | null;
  readonly timeoutSeconds: number;
  /** Of the functions. */
  readonly memoryMb: number;
  /** The longest answer that is read. */
  readonly maxPageMb: number;
  readonly streams: readonly ScheduledStream[];
}

export interface ScheduledStream {
  /** Without its connection: `users`. */
  readonly name: string;
  readonly definition: StreamDefinition;
  /** For EventBridge Scheduler. */
  readonly schedule: string;
  readonly timeZone: string;
  readonly flexibleWindowMinutes: number;
  /** Between two ticks, in seconds. */
  readonly shortestGapSeconds: number;
  /** As the functions are told: the longest gap, and what differs from the defaults. */
  readonly config: ConnectionConfig['streams'][string];
}
