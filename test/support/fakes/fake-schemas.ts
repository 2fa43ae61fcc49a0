import type { Schemas } from '../../../lib/sync/ports.ts';
import type { Schema, SchemaChange } from '../../../lib/sync/schema.ts';

export class FakeSchemas implements Schemas {
  readonly #schemas = new Map<string, Schema>();
  /** What has been told with each write, oldest first. */
  readonly news: (readonly SchemaChange[])[] = [];

  async read(stream: string): Promise<Schema | undefined> {
    return this.#schemas.get(stream);
  }

  async readAll(streams: readonly string[]): Promise<ReadonlyMap<string, Schema>> {
    return new Map([...this.#schemas].filter(([stream]) => streams.includes(stream)));
  }

  async replace(next: Schema, news: readonly SchemaChange[]): Promise<Schema | undefined> {
    if ((this.#schemas.get(next.stream)?.revision ?? 0) !== next.revision) return undefined;
    const stored = { ...next, revision: next.revision + 1 };
    this.#schemas.set(next.stream, stored);
    this.news.push(news);
    return stored;
  }
}
