import type { Change, RecordWrite } from '../../../lib/changes/change.ts';
import type { Breaker } from '../../../lib/sync/breaker.ts';
import type { Checkpoint } from '../../../lib/sync/checkpoint.ts';
import type { PageMessage } from '../../../lib/sync/message.ts';
import type { PageReport } from '../../../lib/sync/report.ts';
import type { Schema, SchemaChange } from '../../../lib/sync/schema.ts';
import type { StoredRecord } from '../../../lib/sync/record.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import type { PagekeeperEvent } from '../../../lib/events/event.ts';
import type { TroubleAlarm } from '../../../lib/on-call/alarm-kinds.ts';
import type { Mute } from '../../../lib/on-call/mute.ts';
import type { Message } from '../../../lib/on-call/message.ts';
import type { Trouble } from '../../../lib/sync/troubles.ts';
import type { SnapshotMarker } from '../../../lib/changes/snapshot.ts';
import type { TableWrite } from '../change-stream.ts';
import type { Invocation } from '../invocation.ts';
import type { Scenario } from '../scenario.ts';
import type { Heard } from '../simulated-vendor.ts';
import type { Tombstone } from '../store-mirror.ts';
import type { VendorStream } from '../vendor-stream.ts';
import type { RunBook } from './run-book.ts';

/** What is true of the world, as the store and the vendor have it. Times are epoch milliseconds. */
export interface Facts {
  readonly now: () => number;
  readonly streams: ReadonlyMap<string, Stream>;
  readonly vendorStreams: ReadonlyMap<string, VendorStream>;
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly breakers: ReadonlyMap<string, Breaker>;
  /** Those that are no tombstones, by stream and id: how often the record had changed when it was stored. */
  readonly records: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** Since when it has been a record and no tombstone; null if it is none. */
  readonly livingSince: (stream: string, id: string) => number | null;
  readonly tombstones: ReadonlyMap<string, ReadonlyMap<string, Tombstone>>;
  /** The open runs, or the last ones. */
  readonly runs: RunBook;
  readonly drift: Scenario['drift'];
  /** Of a connection's secret. */
  readonly currentVersion: (connection: string) => string | undefined;
  /** A broken invariant ends the history. @param invariant its number in the architecture, or `rest` */
  readonly fail: (invariant: Invariant, words: string) => void;
}

export type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 'rest';

/** Who reads the change log: by its cursor while the history goes on, or all of it once that is over. */
export type Reader = 'the polling reader' | 'the whole reading';

/** Who has sent a message to people. */
export interface ToldBy {
  readonly who: string;
  /** When it began to read what is stored, before it sent. */
  readonly readAt: number;
}

export interface Call {
  readonly stream: Stream;
  /** Of the secret. */
  readonly version: string;
}

/** Sees all that happens, as it happens, and says which invariant it breaks. */
export interface Judge {
  called?(invocation: Invocation, call: Call): void;
  /** The call is over: with what the vendor said, or with nothing because the caller is gone. */
  answered?(invocation: Invocation, call: Call, heard: Heard | null): void;
  stored?(invocation: Invocation, before: Checkpoint, after: Checkpoint): void;
  breakerStored?(invocation: Invocation, after: Breaker): void;
  /** @param previous what was stored before, undefined if nothing was */
  recorded?(invocation: Invocation, stream: string, record: Recorded): void;
  /** It is about to become a tombstone. */
  buried?(invocation: Invocation, stream: string, id: string): void;
  /** @param invocation null if the table did so itself */
  erased?(
    invocation: Invocation | null,
    stream: string,
    record: { readonly id: string; readonly kind: 'erased' | 'removed' },
  ): void;
  /** What the open run has seen is not known any more. */
  forgot?(stream: string): void;
  /** It could not read what the open run has seen. */
  unread?(invocation: Invocation, stream: string): void;
  /** Of a run that has ended, and what is told of it. */
  learned?(invocation: Invocation, schema: Schema, news: readonly SchemaChange[]): void;
  sent?(invocation: Invocation, message: PageMessage): void;
  slept?(invocation: Invocation, ms: number): void;
  reported?(invocation: Invocation, report: PageReport): void;
  /** @param error null if it returned; an invocation that is killed never ends */
  ended?(invocation: Invocation, error: Error | null): void;
  /** Something went wrong that is not the vendor's doing. @param stream null if it may concern any */
  disturbed?(stream: string | null): void;
  /** A person begins to resume it. */
  resuming?(target: string): void;
  /** Time has gone on. */
  looked?(): void;
  /** The table's stream has a write. */
  wrote?(write: RecordWrite): void;
  /** The table's stream keeps it no longer, and nobody has published it. */
  lost?(write: TableWrite): void;
  /** Something is published so late that others before it may be lost. */
  nearlyLost?(): void;
  /** It stands in the change log that the table's heartbeats have been heard up to this one. */
  heard?(count: number): void;
  /** Lines have appeared in the change log. */
  logged?(lines: readonly string[]): void;
  /** An event has come to the bus. */
  told?(event: PagekeeperEvent): void;
  /** Whoever takes snapshots has been there in peace. @param startedAt epoch milliseconds */
  snapshotsTaken?(startedAt: number): void;
  /** Who begins with a finished snapshot is given these lines, and then those of the log. Before the last of all. */
  snapshotRead?(marker: SnapshotMarker, lines: readonly Change[]): void;
  /** A reader of the change log opens an object. */
  opened?(reader: Reader, key: string): void;
  /** A reader of the change log gets a line. */
  read?(reader: Reader, line: Change): void;
  /** A number of a connection is published. @param readAt as the number has it, epoch milliseconds */
  measured?(invocation: Invocation, connection: string, troubles: ReadonlySet<Trouble>, readAt: number): void;
  /** The alarms of a connection have been looked at. @param of when the minute began whose number they have, epoch milliseconds */
  evaluated?(connection: string, of: number, on: ReadonlySet<TroubleAlarm>): void;
  /** A message has come to people. */
  messaged?(message: Message, by: ToldBy): void;
  /** Who tells people was made to fail. */
  tellingFailed?(): void;
  /** People hear, and not from who fails, that telling fails. */
  noticed?(): void;
  /** A person wants to hear of no page of a connection for a while. */
  muted?(mute: Mute): void;
  /** Everything is published, and both readers have come to the end. @param table all records, with tombstones */
  published?(table: readonly StoredRecord[]): void;
}

export interface Recorded {
  readonly id: string;
  readonly version: number;
  readonly previous: number | undefined;
}
