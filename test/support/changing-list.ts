import type { StreamSettings } from '../../lib/sync/settings.ts';
import type { FakeHandler } from './fakes/fake-vendor.ts';
import { SyncWorld } from './sync-world.ts';

/** A list that a test changes under the walk, as Mobaro gives it. */
export class ChangingList {
  rows: string[];
  /** What the vendor says there is, where it lies. */
  total: ((rows: readonly string[]) => number | undefined) | null = null;

  constructor(count: number) {
    this.rows = Array.from({ length: count }, (_, index) => `row-${String(index).padStart(4, '0')}`);
  }

  remove(...ids: readonly string[]): void {
    this.rows = this.rows.filter((id) => !ids.includes(id));
  }

  readonly answer: FakeHandler = ({ url }) => {
    const query = new URL(url).searchParams;
    const offset = Number(query.get('Offset'));
    const items = this.rows.slice(offset, offset + Number(query.get('Limit'))).map((id) => ({ id }));
    const total = this.total === null ? this.rows.length : this.total(this.rows);
    return { status: 200, body: { items, ...(total !== undefined && { total }) } };
  };
}

export async function worldOf(
  list: ChangingList,
  settings: Partial<StreamSettings> = {},
  { runs = 1, listLimit }: { readonly runs?: number; readonly listLimit?: number } = {},
): Promise<SyncWorld> {
  const world = new SyncWorld({
    vendor: list.answer,
    settings,
    ...(listLimit !== undefined && { listLimit }),
  });
  for (let run = 0; run < runs; run += 1) await runOf(world);
  return world;
}

/** The next run, whole. @returns the requests it cost */
export async function runOf(world: SyncWorld): Promise<number> {
  await world.clock.advance(15 * 60_000);
  const before = world.vendor.requests.length;
  await world.tick();
  await world.drain();
  return world.vendor.requests.length - before;
}

export async function tombstonesOf(world: SyncWorld, stream = 'mobaro/users'): Promise<string[]> {
  const records = await Array.fromAsync(world.records.scan(stream));
  return records.filter(({ deletedAt }) => deletedAt !== null).map(({ id }) => id);
}
