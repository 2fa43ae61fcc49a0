/** Where the objects of the log are: the bucket of the deployment, or what stands for it. */
export interface LogWriter {
  /** Stores a whole object, in place of one of the same key. @param lines without line ends; there is one at least */
  put(key: string, lines: readonly string[], signal: AbortSignal): Promise<void>;
}

export interface LogReader {
  /** Keys that begin with `prefix`, in the order of their bytes, from the first on that is not before `from`. */
  list(prefix: string, from: string): AsyncIterable<string>;
  /** The lines of an object, without their ends; null if it is there no more. */
  read(key: string): Promise<readonly string[] | null>;
  /** What time it is there, epoch milliseconds. */
  now(): Promise<number>;
}
