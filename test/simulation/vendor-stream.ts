import type { JsonPath, StreamDefinition } from '../../lib/connectors/connector.ts';
import { Chance } from './chance.ts';
import type { StreamPlan } from './scenario.ts';

/** Something that the vendor pages by: a row, or (Bob's employment) a person with some rows. */
export interface Entry {
  /** Where it stands among the others. Never changes: the vendor keeps its rows' order. */
  readonly key: number;
  readonly id: string;
  /** Ids of the records that it comes to. */
  readonly records: readonly string[];
  readonly bornAt: number;
  diedAt: number | null;
  /** Oldest first; a record's version says how often it has changed. */
  readonly changedAt: number[];
}

/** What is planted in every id and field, so that it can be looked for where it must not be. */
export const rowMark = 'ROWMARK';
export const fieldMark = 'FIELDMARK';

/** The rows of one stream at the vendor, and what they have been. */
export class VendorStream {
  readonly name: string;
  readonly #definition: StreamDefinition;
  readonly #plan: StreamPlan;
  /** By their keys, dead ones too. */
  readonly entries: Entry[] = [];
  cap: number;
  #ids = 0;

  constructor(plan: StreamPlan, definition: StreamDefinition, now: number) {
    this.name = plan.name;
    this.#plan = plan;
    this.#definition = definition;
    this.cap = plan.cap;
    for (let key = 1; key <= plan.rows; key += 1) this.entries.push(this.#born(key, now));
  }

  get live(): readonly Entry[] {
    return this.entries.filter(({ diedAt }) => diedAt === null);
  }

  /** @param place from 0 to 1 */
  move(kind: 'change' | 'insert' | 'delete', place: number, now: number): void {
    const live = this.live;
    const index = Math.min(live.length - 1, Math.floor(place * live.length));
    const entry = live[index];
    if (kind === 'insert') {
      const before = live[index - 1]?.key ?? 0;
      const key = entry === undefined ? before + 1 : (before + entry.key) / 2;
      this.entries.push(this.#born(key, now));
      this.entries.sort((a, b) => a.key - b.key);
    } else if (kind === 'change') entry?.changedAt.push(now);
    else if (entry !== undefined) entry.diedAt = now;
  }

  /** One page as the vendor writes it. @param leaveOut one entry, and say so */
  page(
    url: URL,
    now: number,
    leaveOut: boolean,
  ): { readonly body: object; readonly given: readonly Entry[] } {
    const { paging, items } = this.#definition;
    const live = this.live;
    const start = this.#start(url, live);
    const asked = paging.kind === 'none' ? live.length : Number(url.searchParams.get(paging.limit));
    const found = live.slice(start, start + Math.min(asked, paging.kind === 'none' ? asked : this.cap));
    const left = leaveOut && this.#definition.partial !== undefined ? found.slice(0, 1) : [];
    const given = found.slice(left.length);
    const more = start + found.length < live.length;
    const body = {
      ...nest(
        items.path,
        given.flatMap((entry) => this.#write(entry, now)),
      ),
      ...(paging.kind === 'offset' && { total: live.length, amount: given.length }),
      ...(paging.kind === 'cursor' && {
        response_metadata: { next_cursor: more ? `after-${found.at(-1)?.key ?? 0}` : null },
      }),
      ...(left.length > 0 && {
        errors: Object.fromEntries(
          left.map(({ id }) => [id, { error: 'no_access', message: `"${fieldMark}"` }]),
        ),
      }),
    };
    return { body, given };
  }

  /** The rows gone, and a total that says that they are there. */
  blank(): object {
    const { paging, items } = this.#definition;
    return {
      ...nest(items.path, []),
      ...(paging.kind === 'offset' && { total: this.live.length, amount: 0 }),
    };
  }

  #start(url: URL, live: readonly Entry[]): number {
    const { paging } = this.#definition;
    if (paging.kind === 'offset') return Number(url.searchParams.get(paging.offset));
    const cursor = paging.kind === 'cursor' ? url.searchParams.get(paging.cursor) : null;
    if (cursor === null) return 0;
    const after = keyOf(cursor);
    const start = live.findIndex(({ key }) => key > after);
    return start === -1 ? live.length : start;
  }

  #write(entry: Entry, now: number): object[] {
    const version = entry.changedAt.length;
    const { nested } = this.#definition.items;
    const row = (id: string): object =>
      shuffledKeys({ id, name: `Ada ${fieldMark}`, version, site: fieldMark }, now);
    if (nested === undefined) return [row(entry.id)];
    return [
      { [nested.carry]: entry.id, [nested.list]: entry.records.map((id) => row(id.split('/')[1] ?? '')) },
    ];
  }

  #born(key: number, now: number): Entry {
    const id = `${rowMark}-${this.#plan.name}-${(this.#ids += 1)}`.replace('/', '-');
    const nested = this.#definition.items.nested !== undefined;
    const count = nested ? this.#ids % 4 : 1;
    const records = nested ? Array.from({ length: count }, (_, place) => `${id}/${place}`) : [id];
    return { key, id, records, bornAt: now, diedAt: null, changedAt: [now] };
  }
}

/** How often the entry has changed by then. */
export function versionAt({ changedAt }: Entry, time: number): number {
  return changedAt.filter((at) => at <= time).length;
}

/** @param cursor as `page` gives it */
export function keyOf(cursor: string): number {
  return Number(cursor.slice('after-'.length));
}

function nest(path: JsonPath, value: unknown): object {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;
}

/** Vendors promise no order of keys. */
function shuffledKeys(row: object, now: number): object {
  const chance = new Chance(now);
  const keyed = Object.entries(row).map((pair) => ({ pair, key: chance.next() }));
  return Object.fromEntries(keyed.sort((a, b) => a.key - b.key).map(({ pair }) => pair));
}
