import type { LogReader, LogWriter, SnapshotStore } from '../../../lib/changes/ports.ts';

/** A log in memory. */
export class FakeLog implements LogWriter, LogReader, SnapshotStore {
  readonly objects = new Map<string, readonly string[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async put(key: string, lines: readonly string[]): Promise<void> {
    this.objects.set(key, lines);
  }

  async *list(prefix: string, from: string): AsyncGenerator<string, void, undefined> {
    yield* [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key >= from).sort();
  }

  async read(key: string): Promise<readonly string[] | null> {
    return this.objects.get(key) ?? null;
  }

  async putNew(key: string, lines: readonly string[]): Promise<boolean> {
    if (this.objects.has(key)) return false;
    this.objects.set(key, lines);
    return true;
  }

  async putMarker(key: string, text: string): Promise<void> {
    this.objects.set(key, [text]);
  }

  async readMarker(key: string): Promise<string | null> {
    return this.objects.get(key)?.[0] ?? null;
  }

  async now(): Promise<number> {
    return this.#now();
  }
}
