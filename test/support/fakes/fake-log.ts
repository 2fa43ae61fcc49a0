import type {
  LogEraser,
  LogReader,
  LogWriter,
  MarkerVersions,
  ObjectVersion,
  RunSummaryReader,
  SnapshotStore,
} from '../../../lib/changes/ports.ts';
import { digestOf } from '../../../lib/paging/digest.ts';

/** A log in memory. */
export class FakeLog
  implements LogWriter, LogReader, RunSummaryReader, SnapshotStore, MarkerVersions, LogEraser
{
  readonly summaries = new Map<string, string | null>();
  readonly objects = new Map<string, readonly string[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  async put(
    key: string,
    lines: readonly string[],
    ...[, summary = null]: readonly [signal?: AbortSignal, summary?: string | null]
  ): Promise<void> {
    this.objects.set(key, lines);
    this.summaries.set(key, summary);
  }

  async *list(prefix: string, from: string): AsyncGenerator<string, void, undefined> {
    yield* [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key >= from).sort();
  }

  async read(key: string): Promise<readonly string[] | null> {
    return this.objects.get(key) ?? null;
  }

  async readSummary(key: string): Promise<string | null> {
    return this.summaries.get(key) ?? null;
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

  async *sizes(prefix: string, from: string) {
    for await (const key of this.list(prefix, from)) {
      yield { key, bytes: Buffer.byteLength(this.#textOf(key) ?? '') };
    }
  }

  async readVersion(key: string): Promise<ObjectVersion | null> {
    const text = this.#textOf(key);
    return text === null ? null : { text, etag: digestOf(text) };
  }

  async replace(key: string, { text, etag }: ObjectVersion): Promise<boolean> {
    if (!(await this.#is(key, etag))) return false;
    this.summaries.delete(key);
    this.objects.set(key, key.endsWith('.gz') ? text.split('\n').slice(0, -1) : [text]);
    return true;
  }

  async replaceMarker(key: string, before: ObjectVersion | null, text: string): Promise<boolean> {
    if ((await this.readVersion(key))?.etag !== before?.etag) return false;
    this.objects.set(key, [text]);
    return true;
  }

  async remove(key: string, etag: string): Promise<boolean> {
    return (await this.#is(key, etag)) && this.objects.delete(key);
  }

  async now(): Promise<number> {
    return this.#now();
  }

  async #is(key: string, etag: string): Promise<boolean> {
    return (await this.readVersion(key))?.etag === etag;
  }

  #textOf(key: string): string | null {
    const lines = this.objects.get(key);
    if (lines === undefined) return null;
    return key.endsWith('.gz') ? lines.map((line) => `${line}\n`).join('') : lines.join('');
  }
}
