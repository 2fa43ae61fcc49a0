import type { S3Client } from '@aws-sdk/client-s3';

import type { MetricValue } from '../alarms/metric-store.ts';
import { openReaders, trimUnread, type StreamReader } from '../embedded/stream-reader.ts';
import type { TableStreams } from '../embedded/table-streams.ts';
import type { StreamMappingModel, TemplateModel } from '../template/template-model.ts';
import { objectOf, type Discarded } from './discarded-batch.ts';
import type { Invocation } from './function-worker.ts';
import { StreamSource } from './stream-source.ts';

type Template = Pick<TemplateModel, 'tables' | 'functions' | 'streamMappings'>;

export interface LocalStreamsOptions {
  readonly template: Template;
  readonly streams: TableStreams;
  /** Of `openStreams`. */
  readonly readers: ReadonlyMap<string, StreamReader>;
  readonly s3: S3Client | null;
  readonly invoke: (functionName: string, event: unknown) => Promise<Invocation>;
  readonly onMetric: (metric: MetricValue) => void;
  readonly onError: (error: unknown) => void;
}

/** To be called before anything is written, for a mapping may begin with what is written from now on. */
export async function openStreams(
  { tables, streamMappings }: Template,
  streams: TableStreams,
): Promise<ReadonlyMap<string, StreamReader>> {
  const readers = await openReaders(streams, streamMappings);
  const unread = tables.filter(
    ({ name, stream }) => stream !== undefined && !streamMappings.some(({ tableName }) => tableName === name),
  );
  for (const { name } of unread) await trimUnread(streams, name, Date.now());
  return readers;
}

/** Those of the template's functions that listen to tables. */
export class LocalStreams {
  readonly #sources: readonly StreamSource[];

  constructor(options: LocalStreamsOptions) {
    const { template, streams, readers, s3, invoke, onMetric, onError } = options;
    this.#sources = template.streamMappings.map((mapping) => {
      const reader = readers.get(mapping.id);
      if (reader === undefined) throw new Error(`Nobody reads the stream of ${mapping.tableName}`);
      return new StreamSource({
        ...{ mapping, reader, invoke, onMetric, onError },
        onRecords: (listener) => streams.onRecords(listener),
        discard: (discarded) => keep(discarded, mapping, template, s3),
      });
    });
  }

  start(): void {
    for (const source of this.#sources) source.start();
  }

  /** From now on nobody waits for a batch to fill. */
  flush(): void {
    for (const source of this.#sources) source.flush();
  }

  async areDrained(): Promise<boolean> {
    const all = await Promise.all(this.#sources.map((source) => source.isDrained()));
    return all.every(Boolean);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }
}

async function keep(
  discarded: Discarded,
  mapping: StreamMappingModel,
  { functions }: Template,
  s3: S3Client | null,
): Promise<void> {
  const { failureBucket, functionName } = mapping;
  if (failureBucket === null || s3 === null) return;
  const { PutObjectCommand } = await import('@aws-sdk/client-s3');
  const arn = functions.find(({ name }) => name === functionName)?.arn ?? functionName;
  const { key: Key, body: Body } = objectOf(discarded, mapping, arn);
  await s3.send(new PutObjectCommand({ Bucket: failureBucket, Key, Body, ContentType: 'application/json' }));
}
