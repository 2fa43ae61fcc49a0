import { idParts, type StreamDefinition } from '../../lib/connectors/connector.ts';
import type { VendorRequest } from '../../lib/sync/ports.ts';
import { put, writeAnswer } from '../../infra/simulators/model/write-answer.ts';
import { Chance } from './chance.ts';
import { cutShort, type Cut } from './cut-short.ts';
import type { CutWord } from './faults.ts';
import type { DeadCursorStatus, Manner, RefusedOffset } from './manners.ts';
import { fieldMark, rowMark } from './marks.ts';
import type { StreamPlan } from './scenario.ts';
import { numberOf } from './secret-store.ts';
import type { Poison } from './simulated-vendor.ts';

/** Something that the vendor pages by: a row, or (Bob's employment) a person with some rows. */
export interface Entry {
  /** Where it stands among the others. Never changes: the vendor keeps its rows' order. */
  readonly key: number;
  readonly id: string;
  /** Ids of the records that it comes to. */
  readonly records: readonly string[];
  /** What it belongs to, and goes with; null where rows belong to nothing. */
  readonly parent: Entry | null;
  /** When it was there, oldest first: epoch milliseconds, `until` null as long as it is. */
  readonly lives: { readonly from: number; until: number | null }[];
  /** Oldest first; a record's version says how often it has changed. */
  readonly changedAt: number[];
}

/** How an answer that looks like any other is wrong. */
export interface Faithless {
  /** Leave one entry out, and say so where the vendor has a word for that. */
  readonly leaveOut?: boolean;
  /** Leave the one in the middle out, and say nothing. */
  readonly omit?: boolean;
  /** Count so many more (or less) rows than there are, or those of the page. */
  readonly miscount?: number | 'page';
  /** Put something in the place of the one in the middle, or of the next cursor. */
  readonly poison?: Poison | null;
  /** Give less than there is of a list that comes in one answer, and say so like this. */
  readonly cut?: CutWord | undefined;
  /** Lead from the last page back to the row at `place`, or to itself, with cursors that stay the same since then. */
  readonly circle?: { readonly place: number | null; readonly since: number } | undefined;
}

export interface VendorPage {
  readonly body: object;
  readonly given: readonly Entry[];
  /** One of them was left out silently, where somebody could notice. */
  readonly omits: boolean;
  /** What of it cannot be read: one of its entries, or all of it; null where everything can be. */
  readonly poisoned: 'part' | 'whole' | null;
  /** Rows of the part that was asked for. */
  readonly total: number;
  /** Whether there was nothing behind it. */
  readonly atEnd: boolean;
  /** It begins at another offset than was asked for, with other rows. */
  readonly moved: boolean;
  /** Its cursor leads back. */
  readonly circles: boolean;
  /** How the answer says that it is cut short; null if it is not. */
  readonly cut: Cut | null;
  readonly of: PartAsked;
}

/** Which part of the list was asked for. */
export type PartAsked =
  | { readonly kind: 'all' }
  /** The ids of all, and nothing else. */
  | { readonly kind: 'ids' }
  | { readonly kind: 'batch'; readonly ids: ReadonlySet<string> }
  /** What has changed between the two: epoch milliseconds. */
  | { readonly kind: 'window'; readonly since: number; readonly until: number }
  | { readonly kind: 'rows of'; readonly parent: string }
  /** What has changed since then, epoch milliseconds; null for all of it, newest first. */
  | { readonly kind: 'changed'; readonly since: number | null };

/** The rows of one stream at the vendor, and what they have been. */
export class VendorStream {
  readonly name: string;
  /** Whose rows these are, one of them at a time; null where the list is one. */
  readonly parents: VendorStream | null;
  readonly #definition: StreamDefinition;
  readonly #path: RegExp;
  readonly #plan: StreamPlan;
  /** By their keys, those that have gone too. */
  readonly entries: Entry[] = [];
  /** What some versions of the secret may not see: the last one that is not newer than the secret counts. */
  readonly #views: { readonly version: number; readonly hidden: ReadonlySet<Entry> }[] = [];
  readonly manner: Manner;
  readonly deadCursor: DeadCursorStatus;
  cap: number;
  /** Cursors that were given before this are refused. */
  #cursorsFrom = 0;
  #ids = 0;

  constructor(
    plan: StreamPlan,
    definition: StreamDefinition,
    now: number,
    parents: VendorStream | null = null,
  ) {
    this.name = plan.name;
    this.parents = parents;
    this.#plan = plan;
    this.#definition = definition;
    this.#path = new RegExp(`${definition.path.replaceAll('{parent}', '([^/]+)')}$`);
    this.cap = plan.cap;
    this.manner = plan.manner;
    this.deadCursor = plan.deadCursor;
    for (let key = 1; key <= plan.rows; key += 1) this.entries.push(this.#born(key, now - this.#age(key)));
  }

  /** It is read by what has changed: what it does not give may be there all the same. */
  get isWindowed(): boolean {
    return this.#definition.windows !== undefined;
  }

  /** Its answers say what state the list is in, and where it has not changed they say only that. */
  get isConditional(): boolean {
    return this.#definition.conditional === true;
  }

  /** A row that changes moves in it, or comes into it. */
  get isByChange(): boolean {
    return this.isWindowed || this.#definition.changes !== undefined;
  }

  get live(): readonly Entry[] {
    return this.entries.filter(isAlive);
  }

  /** @param version of the secret */
  visible(version: string): readonly Entry[] {
    return this.live.filter((entry) => !this.isHidden(entry, version));
  }

  isHidden(entry: Entry, version: string): boolean {
    const number = numberOf(version);
    if (entry.parent !== null && this.parents?.isHidden(entry.parent, version) === true) return true;
    return this.#views.findLast((view) => view.version <= number)?.hidden.has(entry) ?? false;
  }

  /** @param place from 0 to 1: among the rows that there are */
  change(place: number, now: number): void {
    at(this.live, place)?.changedAt.push(now);
  }

  insert(place: number, now: number): void {
    const { live } = this;
    // Behind the last one, too.
    const index = Math.floor(place * (live.length + 1));
    const before = live[index - 1]?.key ?? 0;
    // What has gone may come back, and has its place.
    const after = this.entries.find(({ key }) => key > before)?.key ?? before + 2;
    this.entries.push(this.#born((before + after) / 2, now));
    this.entries.sort((a, b) => a.key - b.key);
  }

  /** @param share from 0 to 1: how many of the rows, one at least, in a row from `place` on */
  remove(place: number, share: number, now: number): void {
    for (const entry of some(this.live, place, share)) entry.lives.at(-1)!.until = now;
  }

  /** What had gone is there again, where it was; some of it has changed meanwhile. */
  restore(place: number, share: number, now: number): void {
    const isNobodys = ({ parent }: Entry): boolean => this.parents !== null && parent === null;
    const gone = this.entries.filter((entry) => entry.lives.at(-1)?.until !== null && !isNobodys(entry));
    for (const entry of some(gone, place, share)) {
      entry.lives.push({ from: now, until: null });
      // Who reads by time would not hear of it otherwise.
      if (entry.key % 3 < 1 || this.isWindowed) entry.changedAt.push(now);
    }
  }

  /** Whether no page of it has ever been of one row. */
  get canOverlap(): boolean {
    return Math.min(this.#plan.cap, this.cap) > 1;
  }

  /** From this version of the secret on some rows are not shown. @param share 0 shows all */
  hide(version: string, place: number, share: number): void {
    const hidden = new Set(share === 0 ? [] : some(this.live, place, share));
    this.#views.push({ version: numberOf(version), hidden });
  }

  expireCursors(now: number): void {
    this.#cursorsFrom = now;
  }

  /** Whether a request for this path is one for this list. */
  isAt(url: URL): boolean {
    return this.#path.test(url.pathname);
  }

  /** Whether the request is for the rows of somebody whom this key cannot see. */
  knowsNobodyOf(url: URL, version: string): boolean {
    if (this.parents === null) return false;
    const id = this.#parentIn(url);
    return !this.parents.visible(version).some((parent) => parent.id === id);
  }

  #parentIn(url: URL): string {
    return decodeURIComponent(this.#path.exec(url.pathname)?.[1] ?? '');
  }

  cursorIn(url: URL): string | null {
    const { paging } = this.#definition;
    return paging.kind === 'cursor' ? url.searchParams.get(paging.cursor) : null;
  }

  hasExpired(cursor: string): boolean {
    return Number(cursor.split(':')[2]) < this.#cursorsFrom;
  }

  /** Where the page is to begin and how many rows are asked for, as the request has it. */
  placeIn(url: URL): { readonly offset: number | null; readonly limit: number | null } {
    const { paging } = this.#definition;
    const numberAt = (name: string): number => Number(url.searchParams.get(name));
    return {
      offset: paging.kind === 'offset' ? numberAt(paging.offset) : null,
      limit: 'limit' in paging ? numberAt(paging.limit) : null,
    };
  }

  /** What it says where no page begins so far behind; null if one does. */
  refusal(
    request: VendorRequest,
    version: string,
  ): { readonly status: RefusedOffset; readonly atEnd: boolean; readonly of: PartAsked } | null {
    const { manner } = this;
    if (manner.kind !== 'no total' && manner.kind !== 'no deeper') return null;
    const url = new URL(request.url);
    const offset = this.placeIn(url).offset ?? 0;
    if (offset === 0) return null;
    const of = this.#partAsked(url, request.body);
    const atEnd = offset >= this.#found(of, version).length;
    if (manner.kind === 'no deeper')
      return offset < manner.than ? null : { status: manner.status, atEnd, of };
    return atEnd && manner.behind !== 200 ? { status: manner.behind, atEnd, of } : null;
  }

  /** One page as the vendor writes it. */
  page(request: VendorRequest, version: string, now: number, faithless: Faithless = {}): VendorPage {
    const { paging, partial } = this.#definition;
    const url = new URL(request.url);
    const of = this.#partAsked(url, request.body);
    const visible = this.#found(of, version);
    const start = this.#start(url, visible);
    const { offset, limit } = this.placeIn(url);
    const asked = limit ?? visible.length;
    const moved = offset !== null && offset !== start && Math.min(offset, start) < visible.length;
    const found = visible.slice(start, start + Math.min(asked, paging.kind === 'none' ? asked : this.cap));
    const left = faithless.leaveOut === true && partial !== undefined ? found.slice(0, 1) : [];
    const omits = faithless.omit === true && (this.#definition.batches === undefined || of.kind === 'batch');
    const omitted = omits ? visible[visible.length >> 1] : undefined;
    const isCut = faithless.cut !== undefined && paging.kind === 'none' && found.length > 1;
    const kept = isCut ? found.slice(0, Math.ceil(found.length / 2)) : found;
    const { poison = null } = faithless;
    const bad = poison === null || poison === 'endless cursor' ? undefined : visible[visible.length >> 1];
    const written = kept.slice(left.length).filter((entry) => entry !== omitted);
    // Where nothing of an entry would be stored, nothing is left out with it.
    const isBad = (entry: Entry): boolean =>
      entry === bad && (poison === 'null' || of.kind === 'ids' || entry.records.length > 0);
    const given = written.filter((entry) => !isBad(entry));
    const more = start + found.length < visible.length;
    const isEndless = poison === 'endless cursor' && more && paging.kind === 'cursor';
    const circles = paging.kind === 'cursor' && !more && faithless.circle !== undefined && visible.length > 1;
    const body = writeAnswer(this.#definition, {
      entries: written.flatMap((entry) =>
        isBad(entry) ? spoiled(this.#write(entry, now), entry.id, poison) : this.#write(entry, now),
      ),
      total: this.#total(visible, found, faithless.miscount ?? 0),
      next: isEndless ? endless : this.#next(url, visible, found, { more, now, circle: faithless.circle }),
      missing: Object.fromEntries(
        left.map(({ id }) => [id, { error: 'no_access', message: `"${fieldMark}"` }]),
      ),
    }) as Record<string, unknown>;
    this.#nameOwnCursor(body, url, now);
    const cut = isCut
      ? cutShort(faithless.cut ?? 'total', body, { given: kept.length, of: found.length })
      : null;
    const isPart = given.length < written.length;
    const poisoned = isEndless || (isPart && given.length === 0) ? 'whole' : isPart ? 'part' : null;
    return { body, given, omits, poisoned, total: visible.length, atEnd: !more, of, moved, circles, cut };
  }

  #found(of: PartAsked, version: string): readonly Entry[] {
    const found = this.visible(version).filter((entry) => this.#isIn(of, entry));
    const isNewestFirst = of.kind === 'changed' && of.since === null;
    return isNewestFirst ? found.toSorted((a, b) => lastChangeOf(b) - lastChangeOf(a)) : found;
  }

  #total(visible: readonly Entry[], found: readonly Entry[], miscount: number | 'page'): number | null {
    const { manner } = this;
    if (manner.kind === 'no total' || (manner.kind === 'no deeper' && !manner.counts)) return null;
    if (manner.kind === 'total of the page' || miscount === 'page') return found.length;
    if (manner.kind === 'capped total') return Math.min(manner.at, visible.length);
    return Math.max(0, visible.length + miscount);
  }

  /** The cursor that it names; null at the end. */
  #next(
    url: URL,
    visible: readonly Entry[],
    found: readonly Entry[],
    {
      more,
      now,
      circle,
    }: { readonly more: boolean; readonly now: number; readonly circle: Faithless['circle'] },
  ): string | null {
    const { manner } = this;
    const since = circle === undefined ? now : Math.max(circle.since, this.#cursorsFrom);
    const last = found.at(-1);
    if (more && last !== undefined) return `after:${last.key}:${since}`;
    if (circle !== undefined && visible.length > 1) {
      const itself = circle.place === null ? this.cursorIn(url) : null;
      return itself ?? `after:${at(visible.slice(0, -1), circle.place ?? 0)?.key ?? 0}:${since}`;
    }
    if (manner.kind !== 'cursor stays') return null;
    return last === undefined ? this.cursorIn(url) : `after:${last.key}:${now}`;
  }

  #nameOwnCursor(body: Record<string, unknown>, url: URL, now: number): void {
    const { paging } = this.#definition;
    const own = paging.kind === 'cursor' ? paging.next[1] : undefined;
    if (this.manner.kind === 'own cursor' && own !== undefined)
      put(body, own, this.cursorIn(url) ?? `after:0:${now}`);
  }

  #partAsked(url: URL, body: string | null): PartAsked {
    const { batches, windows, changes, query = {} } = this.#definition;
    if (
      changes !== undefined &&
      Object.keys(changes.query ?? {}).some((name) => url.searchParams.has(name))
    ) {
      const since = url.searchParams.get('changedSince');
      return { kind: 'changed', since: since === null ? null : Date.parse(since) };
    }
    if (this.parents !== null) return { kind: 'rows of', parent: this.#parentIn(url) };
    if (windows !== undefined) {
      const bound = (name: string): number => {
        const field = Object.keys(query).find((key) => query[key] === name) ?? '';
        return Date.parse(url.searchParams.get(field) ?? '');
      };
      return { kind: 'window', since: bound('{since}'), until: bound('{until}') };
    }
    if (batches === undefined) return { kind: 'all' };
    const asked = JSON.parse(body ?? '{}') as object;
    const ids = filledIn(batches.body, asked);
    if (ids !== null) return { kind: 'batch', ids: new Set(ids) };
    return { kind: isPartOf(batches.list, asked) ? 'ids' : 'all' };
  }

  #isIn(of: PartAsked, { id, parent, changedAt }: Entry): boolean {
    if (of.kind === 'batch') return of.ids.has(id);
    if (of.kind === 'rows of') return of.parent === parent?.id;
    if (of.kind === 'changed') return of.since === null || (changedAt.at(-1) ?? 0) > of.since;
    if (of.kind !== 'window') return true;
    const at = changedAt.at(-1) ?? 0;
    return this.#plan.windows?.bounds === 'counted in'
      ? of.since <= at && at <= of.until
      : of.since < at && at < of.until;
  }

  /** Before the first tick, in milliseconds: what is read by time has a history, of which half is too old for no run. */
  #age(key: number): number {
    const days = this.#plan.windows?.historyDays ?? 0;
    return Math.floor((((key * 0.618) % 1) * days * 86_400_000) / 2);
  }

  /** No row. @param total what the vendor counts all the same */
  blank(total: number): object {
    return writeAnswer(this.#definition, { entries: [], total, next: null }) as object;
  }

  #start(url: URL, visible: readonly Entry[]): number {
    const { offset, limit } = this.placeIn(url);
    if (offset !== null) return this.#startAt(offset, limit ?? 1);
    const cursor = this.cursorIn(url);
    if (cursor === null) return 0;
    const after = keyOf(cursor);
    const start = visible.findIndex(({ key }) => key > after);
    return start === -1 ? visible.length : start;
  }

  #startAt(offset: number, limit: number): number {
    switch (this.manner.kind) {
      case 'aligned offset':
        return offset - (offset % limit);
      case 'offset in pages':
        return offset * limit;
      default:
        return offset;
    }
  }

  #write(entry: Entry, now: number): object[] {
    const version = entry.changedAt.length;
    const { items, changes } = this.#definition;
    const { nested } = items;
    const row = (ids: object): object =>
      shuffledKeys(
        {
          ...ids,
          name: `Ada ${fieldMark}`,
          version,
          site: fieldMark,
          by: { [`ada@${fieldMark}.example`]: 1 },
          ...(changes !== undefined && { changed: new Date(lastChangeOf(entry)).toISOString() }),
        },
        now,
      );
    if (this.parents !== null) return [row({ id: entry.id })];
    if (nested === undefined) {
      const ids = idParts(this.#definition).map((paths, place) => [
        paths[0]?.join('.'),
        place === 0 ? entry.id : 'Created',
      ]);
      return [row(Object.fromEntries(ids) as object)];
    }
    return [
      {
        [nested.carry]: entry.id,
        [String(nested.list)]: entry.records.map((id) => row({ id: id.split('/')[1] ?? '' })),
      },
    ];
  }

  #born(key: number, now: number): Entry {
    const number = (this.#ids += 1);
    // Ids are of any length, not all of them ASCII, and some hold what stands between the parts of others.
    const tail = ['', '-A', '-ø/~', `-${'long'.repeat(4)}`][number % 4] ?? '';
    const id = `${rowMark}-${this.#plan.name.replace('/', '-')}-${number}${tail}`;
    const parents = this.parents?.live ?? [];
    const parent = parents[number % Math.max(1, parents.length)] ?? null;
    const records = this.#recordsOf(id, number, parent);
    // Nobody is there whose row it could be.
    const isNobodys = this.parents !== null && parent === null;
    const lives = [{ from: now, until: isNobodys ? now : null }];
    return { key, id, records, parent, lives, changedAt: [now] };
  }

  #recordsOf(id: string, number: number, parent: Entry | null): readonly string[] {
    if (this.parents !== null) return [joined(parent?.id ?? '', id)];
    const { items } = this.#definition;
    const parts = idParts(this.#definition);
    if (items.nested !== undefined) {
      return Array.from({ length: number % 4 }, (_, place) => joined(id, String(place)));
    }
    return [parts.length === 1 ? id : joined(id, ...parts.slice(1).map(() => 'Created'))];
  }
}

/** More than the checkpoint takes. */
const endless = 'cursor'.repeat(100_000);

function spoiled(rows: readonly object[], id: string, poison: Poison | null): object[] {
  return rows.map((row) => {
    if (poison === 'null') return null as unknown as object;
    const text = JSON.stringify(row).replaceAll(JSON.stringify(id), JSON.stringify(`${id}\ud800`));
    return JSON.parse(text) as object;
  });
}

/** The id of a record whose row has one of several parts. */
function joined(...parts: readonly string[]): string {
  return parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
}

export function isAlive({ lives, parent }: Entry): boolean {
  return lives.at(-1)?.until === null && (parent === null || isAlive(parent));
}

/** Whether it was there all the time. Both ends are epoch milliseconds. */
export function livedThroughout({ lives, parent }: Entry, from: number, to: number): boolean {
  if (parent !== null && !livedThroughout(parent, from, to)) return false;
  return lives.some((life) => life.from <= from && (life.until === null || life.until > to));
}

/** Epoch milliseconds. */
export function lastChangeOf({ changedAt }: Entry): number {
  return changedAt.at(-1) ?? 0;
}

/** How often the entry has changed by then. */
export function versionAt({ changedAt }: Entry, time: number): number {
  return changedAt.filter((at) => at <= time).length;
}

/** @param cursor as `page` gives it */
export function keyOf(cursor: string): number {
  return Number(cursor.split(':')[1]);
}

/** What stands in `asked` where the template has `{ids}`; null where it has something else. */
function filledIn(template: unknown, asked: unknown): readonly string[] | null {
  if (template === '{ids}') return Array.isArray(asked) ? (asked as readonly string[]) : null;
  if (typeof template !== 'object' || template === null) return null;
  for (const [key, inner] of Object.entries(template)) {
    const found = filledIn(inner, (asked as Readonly<Record<string, unknown>> | undefined)?.[key]);
    if (found !== null) return found;
  }
  return null;
}

function isPartOf(template: object, asked: object): boolean {
  return JSON.stringify({ ...asked, ...template }) === JSON.stringify(asked);
}

function at<Item>(items: readonly Item[], place: number): Item | undefined {
  return items[Math.min(items.length - 1, Math.floor(place * items.length))];
}

/** A run of them, around the end if need be. */
function some<Item>(items: readonly Item[], place: number, share: number): readonly Item[] {
  const start = Math.floor(place * items.length);
  const count = Math.max(1, Math.round(share * items.length));
  return [...items.slice(start), ...items.slice(0, start)].slice(0, count);
}

/** Vendors promise no order of keys. */
function shuffledKeys(row: object, now: number): object {
  const chance = new Chance(now);
  const keyed = Object.entries(row).map((pair) => ({ pair, key: chance.next() }));
  return Object.fromEntries(keyed.sort((a, b) => a.key - b.key).map(({ pair }) => pair));
}
