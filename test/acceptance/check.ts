import { idParts, type Connector, type StreamDefinition } from '../../lib/connectors/connector.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import { Bench, type BenchOptions } from './bench.ts';

/** One thing that is asked of every stream, or of those to which it applies. */
export interface Check {
  /** A sentence about the stream. */
  readonly name: string;
  readonly applies?: (definition: StreamDefinition) => boolean;
  /** @returns what was seen, in a few words. Throws `Failed` otherwise. */
  readonly run: (subject: Subject) => Promise<string>;
}

/** What a check has found to be otherwise. Its message is for the one who wrote the connector. */
export class Failed extends Error {}

export function demand(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Failed(otherwise);
}

/** The stream that is looked at. */
export class Subject {
  readonly connector: Connector;
  readonly stream: string;
  readonly definition: StreamDefinition;
  readonly #benches: Bench[] = [];

  constructor(connector: Connector, stream: string) {
    const definition = connector.streams[stream];
    if (definition === undefined) throw new Failed(`${connector.title} has no stream ${stream}`);
    this.connector = connector;
    this.stream = stream;
    this.definition = definition;
  }

  async bench(options: BenchOptions = {}): Promise<Bench> {
    const bench = await Bench.of(this.connector, this.stream, options);
    this.#benches.push(bench);
    return bench;
  }

  /** What was wrong with any request of the check, whatever else it has found. */
  demandGoodRequests(): void {
    for (const { model } of this.#benches) {
      demand(
        model.faults.length === 0,
        `a request was not what the definition says: ${model.faults[0] ?? ''}`,
      );
    }
  }
}

/** That just what the vendor has is stored, in its newest version. @returns how many records */
export async function demandAllStored(bench: Bench): Promise<number> {
  const { expected } = bench.model;
  const { live } = await bench.stored();
  const lacking = [...expected.keys()].filter((id) => !live.has(id));
  demand(lacking.length === 0, `${lacking.length} of ${expected.size} rows are not stored, as ${lacking[0]}`);
  const surplus = [...live.keys()].filter((id) => !expected.has(id));
  demand(surplus.length === 0, `${surplus.length} records are stored that are no rows, as ${surplus[0]}`);
  for (const [id, row] of expected) {
    const version = /"version":(\d+)/.exec(live.get(id) ?? '')?.[1];
    demand(version === String(row.version), `${id} is stored in version ${version}, not ${row.version}`);
  }
  return expected.size;
}

export function demandOutcome(checkpoint: Checkpoint, ...outcomes: readonly Checkpoint['outcome'][]): void {
  const { outcome, reason, state } = checkpoint;
  demand(
    outcomes.includes(outcome),
    `the stream is ${outcome} (${state}, ${reason ?? 'no reason'}), not ${outcomes.join(' or ')}`,
  );
}

export function isPaged({ paging }: Pick<StreamDefinition, 'paging'>): boolean {
  return paging.kind === 'offset' || paging.kind === 'cursor';
}

/** Of the paths that the definition names for one thing, how many there are. */
export function idPlaces(definition: StreamDefinition): number {
  return Math.max(0, ...idParts(definition).map((paths) => paths.length));
}
