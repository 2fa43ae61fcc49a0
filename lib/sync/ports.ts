import type { Observation } from '../governor/learn.ts';
import type { ScopeAsk, ScopedPermit } from '../governor/permits.ts';
import type { LimitTerms } from '../governor/state.ts';
import type { Seen } from '../paging/digest.ts';
import type { FieldCounts } from '../tables/field-counts.ts';
import type { Breaker } from './breaker.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Fault } from './fault.ts';
import type { PageMessage } from './message.ts';
import type { Outage } from './outage.ts';
import type { SourceRecord } from './record.ts';
import type { Schema, SchemaChange } from './schema.ts';
import type { TokenState } from './token.ts';

/** What the use case needs of the world. Adapters are in `lib/aws` and `lib/http`; tests bring fakes of the same manners. */

/** Milliseconds since the epoch, and waiting; virtual in simulations. */
export interface Clock {
  now(): number;
  /** Resolves after `ms`, or rejects as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Why a stored checkpoint cannot be understood. */
export interface UnreadableItem {
  /** A newer version of this program has written it, as while a deployment rolls out; else it is damaged. */
  readonly isNewer: boolean;
  readonly error: Error;
}

export interface Checkpoints {
  /** Consistent. `undefined` means that there is none; a failure to read throws. */
  read(stream: string): Promise<Checkpoint | undefined>;
  /**
   * Consistent; streams without a checkpoint are left out.
   * @param onUnreadable given each stream whose checkpoint cannot be understood, which is left out, too; without it that throws
   */
  readAll(
    streams: readonly string[],
    onUnreadable?: (stream: string, why: UnreadableItem) => void,
  ): Promise<ReadonlyMap<string, Checkpoint>>;
  /**
   * Writes `next` if the stored revision is still `next.revision` (0: if nothing is stored), and stores it one higher.
   * @returns what is now stored, or `undefined` if another writer was faster.
   */
  replace(next: Checkpoint): Promise<Checkpoint | undefined>;
}

export interface Breakers {
  /** Consistent; a breaker that was never stored is closed. */
  read(connection: string): Promise<Breaker>;
  /** Like `Checkpoints.replace`. */
  replace(next: Breaker): Promise<Breaker | undefined>;
}

export interface Outages {
  /** Consistent; of a limit scope without a stored one none stands. */
  read(limitScope: string): Promise<Outage>;
  /** Like `Checkpoints.replace`. */
  replace(next: Outage): Promise<Outage | undefined>;
}

/** The one limiter that gives everything in a limit scope its permits. */
export interface Governor {
  /**
   * A permit is for one call, now, in each limit scope that it counts in, the narrowest first. A refusal reserves a slot in the limit
   * scope that it names: it is to be shown with the next request at that time.
   */
  permit(asks: readonly ScopeAsk[], now: number): Promise<ScopedPermit>;
  /** No permit before `until`; an earlier moment than the one already stored changes nothing. */
  close(limitScope: string, until: number): Promise<void>;
  /** Advice for later permits: where it is contended it may be dropped. */
  learn(limitScope: string, terms: LimitTerms, seen: Observation): Promise<void>;
}

/** When a record is written, epoch milliseconds, and by which run. */
export interface WrittenBy {
  readonly at: number;
  readonly run: string;
}

/** Of records that a run has not seen. Times are epoch milliseconds. */
export interface Deletion {
  readonly deletedAt: number;
  readonly expiresAt: number;
  readonly run: string;
}

export type Upserted =
  | { readonly kind: 'stored'; readonly written: number; readonly unchanged: number }
  /** Row number `index` (from 0) cannot be stored; nothing was written. `reason` holds no value of the row. */
  | { readonly kind: 'unstorable'; readonly index: number; readonly reason: string };

/** A record without its content. */
export interface RecordKey {
  readonly id: string;
  /** Since when it is a tombstone, epoch milliseconds; null if it is none. */
  readonly deletedAt: number | null;
  /** Its content has been erased: the tombstone is all that is left. */
  readonly erased: boolean;
}

export interface Records {
  /**
   * Stores what has changed and leaves alone what has not. Of two rows with one id the last one counts. What is stored under a
   * row's former id is moved, and is no change by that; of two rows with one former id one takes it.
   */
  upsert(
    stream: string,
    records: readonly SourceRecord[],
    by: WrittenBy,
    signal: AbortSignal,
  ): Promise<Upserted>;
  /**
   * A part of a stream's records, tombstones and all, in the order of their ids. Consistent.
   * @param after id of the last one that is known; null for the first part
   * @param max records to look at; as many as one answer of the store's holds, if left out
   * @returns `last` is what to give as `after` for the next part; null if there is none
   */
  list(
    stream: string,
    after: string | null,
    signal: AbortSignal,
    max?: number,
  ): Promise<{ readonly keys: readonly RecordKey[]; readonly last: string | null }>;
  /**
   * Makes tombstones of these records, whose content stays until `expiresAt`. A record that has
   * been erased meanwhile, or is one already, is left alone.
   * @returns how many have become one
   */
  markDeleted(stream: string, ids: readonly string[], by: Deletion, signal: AbortSignal): Promise<number>;
  /** Erases the content of these tombstones, or where that is done, the tombstones. Records that live again are left alone. */
  purge(stream: string, tombstones: readonly RecordKey[], signal: AbortSignal): Promise<void>;
}

export type { Seen };

/** What a run has seen, or why that is not known: a page of it is gone, or there is no room or no time for all of it. */
export type Recalled = Seen | 'forgotten' | 'too many' | 'too slow';

/** What a page of a run has brought. */
export interface PageInMemory {
  /** Of its rows' ids (lib/paging/digest.ts). */
  readonly digests: readonly string[];
  readonly fields: FieldCounts;
}

export interface RememberedFields {
  readonly counts: FieldCounts;
  readonly isSample: boolean;
}

/** Who has only so much time: what takes until `until` (epoch milliseconds) is too slow; the signal makes it throw. */
export interface Within {
  readonly until: number;
  readonly signal: AbortSignal;
}

/** What a run has seen: kept for as long as a run may take. */
export interface SeenRows {
  /**
   * @param page counts the run's pages from 0: the same page again replaces what it had remembered
   * @param revision of the checkpoint as it was claimed: what an earlier holder writes late changes nothing any more
   */
  remember(stream: string, run: string, page: number, rows: PageInMemory, revision: number): Promise<void>;
  /**
   * The digests of all pages before `pages`, from page `from` on. Consistent.
   */
  recall(stream: string, run: string, pages: number, within: Within, from?: number): Promise<Recalled>;
  /**
   * The fields of all pages before `pages`, or of a sample of very many; null where one of them is forgotten, has no counts (an
   * older version wrote it, or they were too many), or there is no time.
   */
  fieldsOf(stream: string, run: string, pages: number, within: Within): Promise<RememberedFields | null>;
}

/** What is known of the fields of each stream. */
export interface Schemas {
  /** Consistent. */
  read(stream: string): Promise<Schema | undefined>;
  /** Of those that have one that can be read. */
  readAll(streams: readonly string[]): Promise<ReadonlyMap<string, Schema>>;
  /** Like `Checkpoints.replace`. @param news what has changed with it: nobody is told of a write without any */
  replace(next: Schema, news: readonly SchemaChange[]): Promise<Schema | undefined>;
}

/** The ids that a stream's run has been given, in batches: kept for as long as a run may take, or until the next one's. */
export interface IdBatches {
  /**
   * Replaces what the stream had kept, of this run or another.
   * @param revision of the checkpoint as it was claimed: what an earlier holder writes late changes nothing any more
   */
  keep(stream: string, run: string, batches: readonly (readonly string[])[], revision: number): Promise<void>;
  /** Null if it has been forgotten, or nothing is left of it. Consistent. */
  read(stream: string, run: string, index: number): Promise<readonly string[] | null>;
}

/** Reports to developers what should not have happened and did not stop the sync. */
export interface Faults {
  note(stream: string, fault: Fault): void;
}

export interface PageQueue {
  /** @param delaySeconds whole seconds, clamped to SQS's 0 to 900. */
  send(message: PageMessage, delaySeconds: number): Promise<void>;
}

export interface Secret {
  /** Changes whenever the value does. */
  readonly version: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Secrets {
  /** The current secret; cached unless `fresh`. */
  read(options: { readonly fresh: boolean }): Promise<Secret>;
}

export interface TokenStates {
  /** Consistent; of a connection without a stored one nothing has been granted. */
  read(connection: string): Promise<TokenState>;
  /** Like `Checkpoints.replace`. */
  replace(next: TokenState): Promise<TokenState | undefined>;
}

/** What a vendor's token endpoint has granted. Holds credentials: never logged. */
export interface Tokens {
  /** For what they were granted (lib/connectors/token-request.ts). */
  readonly grant: string;
  readonly accessToken: string;
  /** The one to be shown next; null with the client's own credentials. */
  readonly refreshToken: string | null;
  /** When they were requested, epoch milliseconds. */
  readonly requestedAt: number;
  /** For how long the vendor takes the access token, in milliseconds; null where it did not say. */
  readonly lifeMs: number | null;
  /** The version that they were to take the place of. */
  readonly after: string;
}

export interface HeldTokens {
  readonly version: string;
  /** Null where the version holds none: nothing has been granted yet. */
  readonly tokens: Tokens | null;
}

/** The secret in which a connection's tokens are kept, version by version. */
export interface TokenVault {
  /** Afresh. */
  current(): Promise<HeldTokens>;
  /** The one that was current before; null if there was none. */
  previous(): Promise<HeldTokens | null>;
  /** The one that was stored last, made current or not; null if there is none. */
  stored(): Promise<HeldTokens | null>;
  /** A version by its name; null if it holds none, or is gone. May be remembered: a version never changes. */
  read(version: string): Promise<Tokens | null>;
  /** Keeps them, and makes nothing current. @param version unique: 32 to 64 characters */
  store(version: string, tokens: Tokens): Promise<void>;
  /** @returns whether it is current now: only if `instead` still was @param version one that is stored */
  makeCurrent(version: string, instead: string): Promise<boolean>;
}

/** What is sent to a vendor. Holds the credentials: never logged. */
export interface VendorRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Put into the query of the URL, and of what it is redirected to: what carries the credentials there. */
  readonly secretQuery?: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export type Unreadable =
  /** No text can be made of it; the reason is for people, and holds nothing of it. */
  | { readonly kind: 'undecodable'; readonly reason: string }
  /** Cancelled at the cap; `bytes` is its size, or what had come of it. */
  | { readonly kind: 'too long'; readonly bytes: number; readonly cap: number };

export type VendorAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** Names in lower case. */
      readonly headers: Readonly<Record<string, string>>;
      /** As text. Of an error no more than its beginning. */
      readonly body: string;
      /** Why the body of a good answer is not there, though it has come: then `body` is empty. */
      readonly unreadable?: Unreadable;
      /** When it arrived, epoch milliseconds: what a `Retry-After` counts from. */
      readonly receivedAt: number;
    }
  | { readonly kind: 'unanswered'; readonly failure: 'time-out' | 'network'; readonly reason: string }
  /** The vendor sent the request elsewhere; it was not followed. */
  | { readonly kind: 'redirected'; readonly status: number; readonly reason: string };

export interface Vendor {
  /** One request, never repeated. Network failures and time-outs are answers here, not exceptions. */
  call(request: VendorRequest, signal: AbortSignal): Promise<VendorAnswer>;
}
