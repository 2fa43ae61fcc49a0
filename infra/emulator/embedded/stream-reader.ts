import type { StreamMappingModel } from '../template/template-model.ts';
import type { StreamRecord } from './stream-record.ts';
import type { TableStreams } from './table-streams.ts';

type Mapping = Pick<StreamMappingModel, 'id' | 'tableName' | 'startingPosition'>;

/** DynamoDB keeps the records of a stream for so long. */
export const retentionMs = 86_400_000;
/** Read at once where it is looked how old they are. */
const pageSize = 1000;

/** Where one listener is in the stream of a table. */
export interface StreamReader {
  /** The next records, at most so many, without going on. */
  read(limit: number): Promise<StreamRecord[]>;
  /** Goes on behind a record. The stream is cut off behind the slowest of its readers. */
  moveTo(sequence: string): Promise<void>;
  /** Nothing has been written that is behind it. */
  isAtEnd(): Promise<boolean>;
}

/**
 * Opens a reader for each of the mappings, where the last run has left it. All at once: what one of them has not read yet must
 * stay.
 */
export async function openReaders(
  streams: TableStreams,
  mappings: readonly Mapping[],
): Promise<ReadonlyMap<string, StreamReader>> {
  const positions = new Map<string, string | null>();
  for (const mapping of mappings) positions.set(mapping.id, await openPosition(streams, mapping));
  return new Map(
    mappings.map(({ id, tableName }) => {
      const together = mappings.filter((other) => other.tableName === tableName);
      return [id, readerOf(streams, id, tableName, () => slowest(together, positions), positions)];
    }),
  );
}

function readerOf(
  streams: TableStreams,
  id: string,
  tableName: string,
  slowestOfAll: () => string | null,
  positions: Map<string, string | null>,
): StreamReader {
  const here = () => positions.get(id) ?? null;
  return {
    read: (limit) => streams.read(tableName, here(), limit),
    moveTo: async (sequence) => {
      positions.set(id, sequence);
      await streams.keepPosition(id, sequence);
      const end = slowestOfAll();
      if (end !== null) await streams.trim(tableName, end);
    },
    isAtEnd: async () => (await streams.read(tableName, here(), 1)).length === 0,
  };
}

/** A new mapping begins with the oldest record that is left, or with what comes from now on: that has to be noted at once. */
async function openPosition(
  streams: TableStreams,
  { id, tableName, startingPosition }: Mapping,
): Promise<string | null> {
  const known = await streams.position(id);
  if (known !== null || startingPosition === 'TRIM_HORIZON') return known;
  const last = await streams.last(tableName);
  await streams.keepPosition(id, last);
  return last;
}

function slowest(mappings: readonly Mapping[], positions: ReadonlyMap<string, string | null>): string | null {
  const all = mappings.map(({ id }) => positions.get(id) ?? null);
  if (all.includes(null)) return null;
  return all.reduce((least, one) => (least === null || (one !== null && one < least) ? one : least), null);
}

/** Cuts off what nobody has read in time: of streams that nobody listens to, for a reader keeps what it has not read. */
export async function trimUnread(streams: TableStreams, table: string, now: number): Promise<void> {
  for (let after: string | null = null; ;) {
    const page: StreamRecord[] = await streams.read(table, after, pageSize);
    const old = page.filter(
      ({ dynamodb }) => dynamodb.ApproximateCreationDateTime * 1000 < now - retentionMs,
    );
    const last = old.at(-1)?.dynamodb.SequenceNumber;
    if (last === undefined) return;
    await streams.trim(table, last);
    if (old.length < page.length) return;
    after = last;
  }
}
