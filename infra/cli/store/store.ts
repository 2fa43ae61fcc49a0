import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';

import type { ForgottenRecords, LogEraser, LogWriter, SnapshotReader } from '../../../lib/changes/ports.ts';
import type { Pace } from '../../../lib/operations/forget-in-log.ts';
import type { Eraser } from '../../../lib/operations/forget.ts';
import type { LimitStates } from '../../../lib/operations/limits.ts';
import type { RecordFinder, RecordSource } from '../../../lib/operations/list-records.ts';
import type { TickSource } from '../../../lib/operations/words.ts';
import type { Mutes } from '../../../lib/on-call/mute.ts';
import type { AuditTrail } from '../../../lib/sync/audit.ts';
import type { Breakers, Checkpoints, Governor, Records, Schemas } from '../../../lib/sync/ports.ts';
import type { QueuePart, TablePart } from '../../settings/names.ts';
import type { Catalogue } from './catalogue.ts';
import type { Deployment } from './deployment.ts';

/** Where Pagekeeper keeps what it knows: on this machine or in AWS. */
export interface Store {
  /** Whole names, in the order of the stack. */
  readonly streams: readonly string[];
  readonly catalogue: Catalogue;
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly mutes: Mutes;
  readonly schemas: Pick<Schemas, 'readAll'>;
  readonly governor: Governor & LimitStates;
  readonly records: RecordSource & RecordFinder & Pick<Records, 'list'>;
  /** The log of all changes of records. @throws UsageError where there is none */
  readonly changeLog: () => Promise<SnapshotReader>;
  /** The same, for commands that change it; null where there is none. */
  readonly logWork: () => Promise<LogWork | null>;
  readonly eraser: Eraser;
  /** What persons have done by commands. */
  readonly audit: AuditTrail;
  /** Who that is now. */
  readonly whoActs: () => Promise<string>;
  /** Where something of an erased record is left for a while, in one sentence. */
  readonly remains: string;
  /** What sets streams going here. */
  readonly tickSource: TickSource;
  /** Whether the ticks of a stream come by its schedule. */
  readonly isTicking: (stream: string) => boolean;
  /** Null where nothing works on queues: on a laptop on which `npm start` does not run. */
  readonly queues: Queues | null;
  /** The same: null where nothing keeps a key, which the next `npm start` is given. */
  readonly secrets: SecretsManagerClient | null;
  /** Null on a laptop. */
  readonly deployment: Deployment | null;
  /** Of the deployment. */
  readonly tables: readonly { readonly part: TablePart; readonly name: string }[];
  close(): Promise<void>;
}

/** The change log, to whoever changes it. */
export interface LogWork {
  readonly log: LogWriter & LogEraser;
  readonly forgotten: ForgottenRecords;
  /** Whether its lines say what a record was before. */
  readonly keepsBefore: boolean;
  /** Of the functions that work on it beside. */
  readonly pace: Pace;
}

export interface Queues {
  readonly client: SQSClient;
  urlOf(connection: string, part: QueuePart): Promise<string>;
}
