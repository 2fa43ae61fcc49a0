import type { RequestCount } from './fault-plan.ts';

/** One request and what became of it. Of its headers only what a test asks for is kept, and never the credentials. */
export interface RequestLogEntry {
  /** Epoch milliseconds of its arrival. */
  readonly at: number;
  readonly method: string;
  /** Below the base URL; the whole path if it is not below it. */
  readonly path: string;
  /** A repeated parameter appears with its last value. */
  readonly query: Readonly<Record<string, string>>;
  readonly contentType: string | null;
  readonly body: string;
  /** What struck it: `429`, `alter`, `slow`, `drop`; null for nothing. */
  readonly fault: string | null;
  /** Null until it is answered, and for good if the connection went first or was dropped. */
  readonly status: number | null;
  /** Epoch milliseconds at which the answer was ready or the connection gone; null until then. */
  readonly endedAt: number | null;
}

type OpenEntry = { -readonly [Key in keyof RequestLogEntry]: RequestLogEntry[Key] };

export interface RequestLog {
  readonly entries: readonly RequestLogEntry[];
  open(request: Pick<RequestLogEntry, 'method' | 'path' | 'query' | 'contentType'>): {
    readonly entry: OpenEntry;
    readonly count: RequestCount;
  };
  end(entry: OpenEntry, status: number | null): void;
}

export function createRequestLog(
  clock: () => number,
  onEnd: (entry: RequestLogEntry) => void = () => undefined,
): RequestLog {
  const entries: OpenEntry[] = [];
  const byPath = new Map<string, number>();
  return {
    entries,
    open(request) {
      const entry = { ...request, at: clock(), body: '', fault: null, status: null, endedAt: null };
      entries.push(entry);
      const ofPath = (byPath.get(request.path) ?? 0) + 1;
      byPath.set(request.path, ofPath);
      return { entry, count: { all: entries.length, ofPath } };
    },
    end(entry, status) {
      entry.status = status;
      entry.endedAt = clock();
      onEnd(entry);
    },
  };
}
