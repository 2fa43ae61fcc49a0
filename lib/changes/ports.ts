import type { ForgottenUntil } from './forgotten.ts';

/** Where the objects of the log are: the bucket of the deployment, or what stands for it. */

export interface LogWriter {
  /**
   * Stores a whole object, in place of one of the same key.
   * @param lines without line ends; there is one at least
   * @param summary what can be asked for without reading the object; null for none
   */
  put(key: string, lines: readonly string[], signal: AbortSignal, summary?: string | null): Promise<void>;
}

interface ObjectReader {
  /** Keys that begin with `prefix`, in the order of their bytes, from the first on that is not before `from`. */
  list(prefix: string, from: string): AsyncIterable<string>;
  /** The lines of an object, without their ends; null if it is there no more. */
  read(key: string): Promise<readonly string[] | null>;
}

/** What readers of the log need. */
export interface LogReader extends ObjectReader {
  /** What time it is there, epoch milliseconds. @param prefix of keys that the reader may list */
  now(prefix: string): Promise<number>;
}

/** What is known of an object without reading it. */
export interface RunSummaryReader {
  /** Null if it has none, or is gone. */
  readSummary(key: string): Promise<string | null>;
}

/** Short texts that say how far something has come. */
export interface Markers {
  /** Stores one, in place of one of the same key. */
  putMarker(key: string, text: string, signal: AbortSignal): Promise<void>;
  /** Null if there is none. */
  readMarker(key: string): Promise<string | null>;
}

/** An object as it was when it was read. */
export interface ObjectVersion {
  /** Unzipped, where its name ends in `.gz`. */
  readonly text: string;
  /** Another one once the object has been replaced. */
  readonly etag: string;
}

interface VersionReader {
  /** Null if there is none of this key, or it is there no more. */
  readVersion(key: string): Promise<ObjectVersion | null>;
}

/** Markers that two may write at once. */
export interface MarkerVersions extends VersionReader {
  /**
   * @param before as it was read; null where there was none
   * @returns false if it is another one by now: then nothing has been done
   */
  replaceMarker(
    key: string,
    before: ObjectVersion | null,
    text: string,
    signal: AbortSignal,
  ): Promise<boolean>;
}

/** What readers need who begin with a snapshot. */
export type SnapshotReader = LogReader & Pick<Markers, 'readMarker'>;

/** What is needed to take a snapshot. */
export interface SnapshotStore extends ObjectReader, Markers {
  /** Stores an object unless there is one of this key. @returns whether it was stored */
  putNew(key: string, lines: readonly string[], signal: AbortSignal): Promise<boolean>;
}

/** What is needed to take something out of objects, whatever else is written meanwhile. */
export interface LogEraser extends VersionReader {
  /** Keys that begin with `prefix`, from the first on that is not before `from`, and how much is stored under each. */
  sizes(prefix: string, from: string): AsyncIterable<{ readonly key: string; readonly bytes: number }>;
  /** @returns false if it is another one by now, or gone: then nothing has been done */
  replace(key: string, next: ObjectVersion): Promise<boolean>;
  /** @returns false if it is another one by now, or gone */
  remove(key: string, etag: string): Promise<boolean>;
  /** What time it is there, epoch milliseconds; it may tell whole seconds only. */
  now(prefix: string): Promise<number>;
}

/** Which records have been forgotten lately. */
export interface ForgottenReader {
  /** Consistent. Without those that have expired. */
  read(): Promise<ForgottenUntil>;
}

/** The same, for whoever forgets. Several may at once, also the same record. */
export interface ForgottenRecords extends ForgottenReader {
  /** From now on every write of the record is left out. */
  hold(digest: string): Promise<void>;
  /**
   * Writes after this moment are published again.
   * @returns false if the record is not held: somebody else has forgotten it meanwhile, and what was published then is not known
   */
  release(digest: string, until: number): Promise<boolean>;
}
