/** Where the objects of the log are: the bucket of the deployment, or what stands for it. */

export interface LogWriter {
  /** Stores a whole object, in place of one of the same key. @param lines without line ends; there is one at least */
  put(key: string, lines: readonly string[], signal: AbortSignal): Promise<void>;
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

/** Short texts that say how far something has come. */
export interface Markers {
  /** Stores one, in place of one of the same key. */
  putMarker(key: string, text: string, signal: AbortSignal): Promise<void>;
  /** Null if there is none. */
  readMarker(key: string): Promise<string | null>;
}

/** What readers need who begin with a snapshot. */
export type SnapshotReader = LogReader & Pick<Markers, 'readMarker'>;

/** What is needed to take a snapshot. */
export interface SnapshotStore extends ObjectReader, Markers {
  /** Stores an object unless there is one of this key. @returns whether it was stored */
  putNew(key: string, lines: readonly string[], signal: AbortSignal): Promise<boolean>;
}
