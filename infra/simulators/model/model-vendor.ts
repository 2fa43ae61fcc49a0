import { createHash } from 'node:crypto';

import { stringify } from 'lossless-json';

import type { Changes, StreamDefinition } from '../../../lib/connectors/connector.ts';
import type { Clock, VendorRequest } from '../../../lib/sync/ports.ts';
import type { ModelAnswer } from './model-answer.ts';
import { writeAnswer } from './write-answer.ts';
import { changeTime } from '../../../lib/paging/changes.ts';
import { pageSizeIn } from '../../../lib/connectors/connector.ts';
import {
  groupId,
  keyOf,
  rowsInGroup,
  timeText,
  writeRow,
  type ModelRow,
  type RowStyle,
  type Written,
} from './model-row.ts';
import { cursorInUrl, readRequest, type Question } from './read-request.ts';
import { dayOf, windowOf, type AskedWindow } from './window.ts';

/** How the model vendor behaves where the definition leaves it open, or says it in two ways. */
export interface Behaviour extends RowStyle {
  /** Of the places that the definition names, the one to use: for the rows, for the next cursor, for a nested list. */
  readonly itemsPlace: number;
  readonly nextPlace: number;
  readonly nestedPlace: number;
  /** A nested list stands in an object under its own name. */
  readonly wrapped: boolean;
  /** The list of a `keyed` stream is an array all the same. */
  readonly asArray: boolean;
  /** How the last page says that it is the last. */
  readonly end: 'null' | 'absent' | 'empty';
  readonly total: 'right' | 'absent';
  /** Whether it says, where the definition has a place for that, if more follows, and how many pages there are. */
  readonly says: 'right' | 'nothing' | 'more';
  /** Whether a row at the very bound of a window counts in. */
  readonly bounds: { readonly since: boolean; readonly until: boolean };
  /** The most that it gives at a time, whatever it is asked for. */
  readonly most: number;
  /** So many entries of an answer are left out, and named where the definition has a place for that. */
  readonly leavesOut: number;
  /** So often a file is not there yet. */
  readonly polls: number;
}

export const usualBehaviour: Behaviour = {
  ids: 'plain',
  idPlace: 0,
  ties: 1,
  itemsPlace: 0,
  nextPlace: 0,
  nestedPlace: 0,
  wrapped: false,
  asArray: false,
  end: 'null',
  total: 'right',
  says: 'right',
  bounds: { since: true, until: false },
  most: Infinity,
  leavesOut: 0,
  polls: 1,
};

export interface ModelOptions {
  readonly definition: StreamDefinition;
  readonly baseUrl: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly parents: readonly string[] | null;
  /** What the secret holds. */
  readonly credentials: readonly string[];
  /** @returns what is wrong with how a request is signed, or null */
  readonly whyNotSigned?: (request: VendorRequest) => string | null;
}

/** An answer in place of the usual one, for the request of this number (from 0); undefined for the usual one. */
export type Interrupt = (question: Question, number: number) => ModelAnswer | undefined;

/**
 * A vendor made of a stream's definition alone: it answers the requests that the definition allows, from invented rows, and
 * remembers what it was asked. What the definition does not allow is a fault of whoever asked, and is kept in `faults`.
 */
export class ModelVendor {
  readonly #options: ModelOptions;
  behaviour: Behaviour = usualBehaviour;
  rows: ModelRow[] = [];
  readonly questions: Question[] = [];
  readonly windows: AskedWindow[] = [];
  /** It keeps no questions and windows, for a very long walk. */
  forgets = false;
  /** Its URLs of next pages name a host each time. */
  asAbsolute = false;
  /** What was wrong with the requests. */
  readonly faults: string[] = [];
  interrupt: Interrupt = () => undefined;
  #polled = 0;
  #asked = 0;
  #sorted: readonly ModelRow[] = [];
  #sortedFrom: readonly ModelRow[] = [];

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  readonly answer = (request: VendorRequest): ModelAnswer => {
    const question = readRequest(this.#options.definition, new URL(this.#options.baseUrl), request);
    if (question.kind === 'unknown') return this.#refuse(question.why);
    const wrong = this.#options.whyNotSigned?.(request) ?? this.#whyWrong(question);
    if (wrong !== null) return this.#refuse(wrong);
    const number = this.#asked++;
    if (!this.forgets) this.questions.push(question);
    const given = this.interrupt(question, number) ?? this.respond(question);
    return this.#options.definition.conditional === true ? unlessKnown(given, request) : given;
  };

  /** What one row comes to, or (where answers are grouped) one parent with its rows. */
  written(row: ModelRow): readonly Written[] {
    const { definition } = this.#options;
    const count = rowsInGroup(definition, row.number);
    return Array.from({ length: count }, (_, place) => writeRow(definition, row, place, this.behaviour));
  }

  /** What should be stored, by id. */
  get expected(): ReadonlyMap<string, ModelRow> {
    return new Map(this.rows.flatMap((row) => this.written(row).map(({ id }) => [id, row] as const)));
  }

  #refuse(why: string): ModelAnswer {
    this.faults.push(why);
    return { status: 400, body: 'refused' };
  }

  #whyWrong({ captures, kind, limit, offset, key }: Question): string | null {
    const { definition, params, parents, clock } = this.#options;
    for (const [name, values] of Object.entries(params)) {
      const used = captures[name];
      if (used !== undefined && !values.includes(String(used)))
        return `the param ${name} was ${String(used)}`;
    }
    const { parent } = captures;
    if (parent !== undefined && parents?.includes(String(parent)) !== true) {
      return `the parent was ${String(parent)}`;
    }
    for (const [name, used] of Object.entries(captures)) {
      const days = /^today([+-]\d+)?$/.exec(name);
      if (days !== null && used !== dayOf(clock.now(), Number(days[1] ?? 0))) {
        return `${name} was ${String(used)}`;
      }
    }
    const { paging, windows, batches } = definition;
    const size = pageSizeIn(paging);
    if (size !== null && kind === 'rows') {
      if (limit === null || limit < 1 || limit > size.max) return `the limit was ${String(limit)}`;
    }
    if (Number.isNaN(offset) || Number.isNaN(key)) return 'its place was no number';
    if (kind === 'batch' && batches !== undefined && (captures['ids'] ?? []).length > batches.size) {
      return `it asked for ${String((captures['ids'] ?? []).length)} ids at a time`;
    }
    if (windows === undefined || captures['since'] === undefined) return null;
    const window = windowOf(windows, captures, clock.now());
    if (typeof window === 'string') return window;
    if (!this.forgets) this.windows.push(window);
    return null;
  }

  /** What is usually answered. @param next in place of the cursor that should come */
  respond(question: Question, next?: string): ModelAnswer {
    const { definition } = this.#options;
    switch (question.kind) {
      case 'start':
        this.#polled = 0;
        return { status: 200, headers: { location: 'https://elsewhere.example/files/made-up-file.json' } };
      case 'file':
        if (question.captures['file'] !== 'made-up-file.json')
          return this.#refuse('it asked for another file');
        this.#polled += 1;
        if (this.#polled <= this.behaviour.polls) return { status: 204 };
        break;
      case 'rows':
      case 'list':
      case 'batch':
    }
    const page = this.#page(question);
    if (typeof page === 'string') return this.#refuse(page);
    const cursor = next ?? page.next;
    const written = definition.paging.kind === 'link' && cursor ? this.#urlOf(question, cursor) : cursor;
    const body = writeAnswer(definition, {
      ...page,
      ...(written !== undefined && { next: written }),
      places: { items: this.behaviour.itemsPlace, next: this.behaviour.nextPlace },
    });
    const isInHeader = definition.paging.kind === 'link' && definition.paging.next === 'header';
    const link = `<${question.url}>; rel="self prev"; title="a, <b>; c"`;
    const headers = {
      'content-type': 'application/json',
      ...(isInHeader && { link: cursor ? `${link}, <${written ?? ''}>;REL=next` : link }),
    };
    return { status: 200, headers, body: textOf(body, definition) };
  }

  /** Some vendors repeat the key that they were asked with; some write no host. */
  #urlOf(question: Question, cursor: string): string {
    const url = new URL(question.url);
    url.searchParams.set(cursorInUrl, cursor);
    for (const one of this.#options.credentials) url.searchParams.append('key', one);
    return this.asAbsolute || this.#asked % 2 === 0 ? url.href : url.search;
  }

  #page(question: Question): Omit<Parameters<typeof writeAnswer>[1], 'places'> | string {
    const { definition } = this.#options;
    const { behaviour } = this;
    const selected = this.#selected(question);
    const { paging } = definition;
    const size = Math.min(question.limit ?? Infinity, behaviour.most);
    const start = this.#startOf(question, selected);
    if (start === null) return 'its cursor was given for another list';
    const found = selected.slice(start, start + size);
    const left = definition.partial === undefined ? [] : found.slice(0, behaviour.leavesOut);
    const given = found.slice(left.length);
    const more = start + found.length < selected.length;
    const last = found.at(-1);
    return {
      entries: this.#entries(given),
      total: behaviour.total === 'absent' ? null : selected.length,
      more: behaviour.says === 'nothing' ? null : more || behaviour.says === 'more',
      pages: behaviour.says !== 'right' ? null : Math.ceil(selected.length / size),
      ...((paging.kind === 'cursor' || paging.kind === 'link') && {
        next: more && last !== undefined ? cursorAfter(question, last) : ends[behaviour.end],
      }),
      missing: Object.fromEntries(
        left.map((row) => [
          String(groupId(row, behaviour)),
          { error: 'no_access', message: 'testa.madeupson@example.com' },
        ]),
      ),
    };
  }

  /** The rows that the question is about, in their order. */
  #selected(question: Question): readonly ModelRow[] {
    const { definition, clock } = this.#options;
    const { captures } = question;
    const { windows } = definition;
    let rows = this.#inOrder();
    if (captures['parent'] !== undefined) rows = rows.filter(({ parent }) => parent === captures['parent']);
    if (windows !== undefined && captures['since'] !== undefined) {
      const window = windowOf(windows, captures, clock.now());
      if (typeof window !== 'string') rows = rows.filter(({ at }) => window.holds(at, this.behaviour.bounds));
    }
    if (definition.changes !== undefined && question.isPart) {
      rows = changedSince(rows, definition.changes, captures, this.behaviour.bounds.since);
    }
    if (question.kind === 'batch') {
      const ids = new Set(captures['ids']);
      rows = rows.filter((row) => this.written(row).some(({ id }) => ids.has(id)));
    }
    return rows;
  }

  #isNewestFirst({ isPart }: Question): boolean {
    return isPart && this.#options.definition.changes?.by === 'newest first';
  }

  /** Sorted anew only where a row has come or gone. */
  #inOrder(): readonly ModelRow[] {
    if (this.#sortedFrom !== this.rows || this.#sorted.length !== this.rows.length) {
      this.#sorted = this.rows.toSorted((a, b) => a.key - b.key);
      this.#sortedFrom = this.rows;
    }
    return this.#sorted;
  }

  #startOf(question: Question, selected: readonly ModelRow[]): number | null {
    const { paging } = this.#options.definition;
    if (question.offset !== null) {
      // Where the vendor alone decides how long a page is, they are as long as it gives them.
      const isVendors = paging.kind === 'page' && paging.limit === undefined;
      const rows = question.limit ?? 1;
      return isVendors ? (question.offset / rows) * Math.min(rows, this.behaviour.most) : question.offset;
    }
    if (question.key !== null) {
      const isInclusive = paging.kind === 'keyset' && paging.bound === 'inclusive';
      const from = question.key;
      const first = selected.findIndex((row) => {
        const key = keyOf(row, this.behaviour);
        return isInclusive ? key >= from : key > from;
      });
      return first === -1 ? selected.length : first;
    }
    if (question.cursor === null) return 0;
    const [after, filter] = question.cursor.slice(cursorStem.length).split('|');
    if (!question.cursor.startsWith(cursorStem) || filter !== filterOf(question)) return null;
    const [at = NaN, key = NaN] = (after ?? '').split('_').map(Number);
    const isNewestFirst = this.#isNewestFirst(question);
    const start = selected.findIndex((row) => (isNewestFirst && row.at !== at ? row.at < at : row.key > key));
    return start === -1 ? selected.length : start;
  }

  #entries(rows: readonly ModelRow[]): readonly object[] | Readonly<Record<string, object>> {
    const { items } = this.#options.definition;
    const { keyed } = items;
    const entries = rows.map((row) => this.#entry(row));
    if (keyed === undefined || this.behaviour.asArray) return entries;
    return Object.fromEntries(
      entries.map((entry) => {
        const { [keyed]: key, ...rest } = entry;
        return [String(key), items.nested === undefined ? rest : entry];
      }),
    );
  }

  #entry(row: ModelRow): Record<string, unknown> {
    const { nested } = this.#options.definition.items;
    const written = this.written(row).map(({ json }) => json);
    if (nested === undefined) return written[0] ?? {};
    const names = typeof nested.list === 'string' ? [nested.list] : nested.list;
    const name = names[this.behaviour.nestedPlace % names.length] ?? '';
    const list = nested.tree === undefined ? written : asTree(written, nested.tree);
    return {
      [nested.carry]: groupId(row, this.behaviour),
      [name]: this.behaviour.wrapped ? { [name]: list } : list,
    };
  }
}

/** With the state of the list; without the list where its state is known. */
function unlessKnown(given: ModelAnswer, request: VendorRequest): ModelAnswer {
  if (given.status !== 200 || typeof given.body !== 'string') return given;
  const etag = `W/"${createHash('sha256').update(given.body).digest('base64url')}"`;
  if (request.headers['if-none-match'] === etag) return { status: 304 };
  return { ...given, headers: { ...given.headers, etag } };
}

/** Of a filter those that it lets through; newest first all of them, in that order. */
function changedSince(
  rows: readonly ModelRow[],
  changes: Changes,
  { since }: Question['captures'],
  isCountedIn: boolean,
): readonly ModelRow[] {
  if (changes.by === 'newest first') return rows.toSorted((a, b) => b.at - a.at);
  const { sinceFormat = changes.format } = changes;
  const bound = changeTime(String(since), { ...changes, format: sinceFormat }) ?? Infinity;
  const times = new Map(
    rows.map((row) => [
      row,
      changeTime(timeText(row.at, sinceFormat), { ...changes, format: sinceFormat }) ?? 0,
    ]),
  );
  return rows.filter((row) => (times.get(row) ?? 0) > bound || (isCountedIn && times.get(row) === bound));
}

/** One JSON value a line, where the definition says so. */
function textOf(body: unknown, { items }: StreamDefinition): string {
  if (items.lines !== true || !Array.isArray(body)) return stringify(body) ?? '';
  return body.map((entry) => `${stringify(entry) ?? ''}\n`).join('');
}

const ends = { null: null, absent: undefined, empty: '' } as const;

/** With what has to be encoded in a query. */
const cursorStem = 'after &=+/%20#é:';

function cursorAfter(question: Question, row: ModelRow): string {
  return `${cursorStem}${String(row.at)}_${String(row.key)}|${filterOf(question)}`;
}

/** A cursor is good only for the list that it was given for. */
function filterOf({ captures }: Question): string {
  return Buffer.from(JSON.stringify(captures)).toString('base64url');
}

/** The second row stands under the first one. */
function asTree(rows: readonly Record<string, unknown>[], name: string): readonly object[] {
  const [first, second, ...rest] = rows;
  if (first === undefined || second === undefined) return rows;
  return [{ ...first, [name]: [second] }, ...rest];
}
