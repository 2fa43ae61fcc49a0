import { createHash } from 'node:crypto';

import type { VendorRequest } from '../../lib/sync/ports.ts';
import type { OfKind, Window } from './faults.ts';
import { fieldMark, rowMark, secretMark } from './marks.ts';
import { say, type Word } from './vendor-words.ts';
import type { Entry, PartAsked, VendorStream } from './vendor-stream.ts';

/** What the vendor said to one request, as it means it. */
export interface Heard {
  readonly kind:
    | 'page'
    | 'not now'
    | 'unauthorized'
    | 'denied'
    | 'unknown'
    /** The cursor is not good any more. */
    | 'expired'
    /** No page begins so far behind. */
    | 'behind'
    | 'unreadable'
    | 'silence'
    | 'broken';
  readonly at: number;
  readonly status: number | null;
  /** No call in this limit scope before that; null if nothing that can be believed was said. */
  readonly until: number | null;
  /** Of a page: what was in it, and how often each had changed. */
  readonly given: readonly { readonly entry: Entry; readonly version: number }[];
  /** It said that something is missing. */
  readonly leftOut: boolean;
  /** What it said is not what there was, and it did not say so. */
  readonly lie: Lie | null;
  /** Nothing was behind it, in the part that was asked for. */
  readonly atEnd: boolean;
  readonly of: PartAsked;
  /** Where the page was to begin, and how many rows were asked for; null where there is no such thing. */
  readonly offset: number | null;
  readonly limit: number | null;
  readonly cursor: string | null;
  /** It began somewhere else, and had other rows. */
  readonly moved: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Lie = 'blank' | 'vanished' | 'no content' | 'omitted' | 'miscounted' | 'circling' | 'poisoned';

/** What in an answer that looks like any other makes reading it fail, unless somebody has thought of it. */
export const poisons = ['null', 'half a character', 'endless cursor'] as const;
export type Poison = (typeof poisons)[number];

const page = {
  kind: 'page',
  status: 200,
  until: null,
  leftOut: false,
  lie: null,
  atEnd: false,
  of: { kind: 'all' },
  offset: null,
  limit: null,
  cursor: null,
  moved: false,
  given: [],
  headers: {},
  body: '',
} as const;

/** One account at a vendor. */
export class SimulatedVendor {
  readonly group: string;
  readonly #name: string;
  readonly #streams: readonly VendorStream[];
  readonly #windows: readonly Window[];
  /** Keys that are taken, by the version of the secret that holds them. */
  readonly #refused = new Set<string>();

  constructor(
    account: { readonly name: string; readonly group: string },
    streams: readonly VendorStream[],
    windows: readonly Window[],
  ) {
    this.#name = account.name;
    this.group = account.group;
    this.#streams = streams;
    this.#windows = windows;
  }

  refuse(version: string): void {
    this.#refused.add(version);
  }

  accept(version: string): void {
    this.#refused.delete(version);
  }

  isRefused(version: string): boolean {
    return this.#refused.has(version);
  }

  /** @param time since the start, milliseconds @param now the same, epoch milliseconds */
  answer(request: VendorRequest, version: string, time: number, now: number): Heard {
    const heard = this.#answer(request, version, time, now);
    const stream = this.#streams.find((candidate) => candidate.isAt(new URL(request.url)));
    if (stream?.isConditional !== true || heard.kind !== 'page' || heard.status !== 200) return heard;
    const tag = tagOf(heard);
    if (request.headers['if-none-match'] !== tag)
      return { ...heard, headers: { ...heard.headers, etag: tag } };
    return { ...heard, status: 304, lie: 'no content', given: [], leftOut: false, atEnd: false, body: '' };
  }

  #answer(request: VendorRequest, version: string, time: number, now: number): Heard {
    const url = new URL(request.url);
    const stream = this.#streams.find((candidate) => candidate.isAt(url));
    if (stream === undefined) throw new Error(`Nobody asked for ${url.pathname}`);
    const targets = new Set([this.group, this.#name, stream.name]);
    const windows = this.#windows.filter(
      ({ at, until, target }) => at <= time && time < until && targets.has(target),
    );
    const found = <Kind extends Window['kind']>(kind: Kind): OfKind<Window, Kind> | undefined =>
      windows.find((window): window is OfKind<Window, Kind> => window.kind === kind);

    const cursor = stream.cursorIn(url);
    const base = { ...page, ...stream.placeIn(url), cursor, at: now };
    const storm = found('storm');
    if (storm) {
      return { ...base, kind: 'not now', status: storm.word.status, ...say(storm.word, now), body: grumble };
    }
    if (this.#refused.has(version)) return { ...base, kind: 'unauthorized', status: 401, body: grumble };
    const denied = found('denied');
    if (denied) {
      // Whoever asked by a cursor cannot tell this from a cursor that is not good any more.
      const kind = cursor !== null && denied.status !== 403 ? 'expired' : 'denied';
      return { ...base, kind, status: denied.status, body: grumble };
    }
    const unavailable = found('unavailable');
    if (unavailable) {
      return { ...base, kind: 'not now', status: 503, ...say(unavailable.word, now), body: grumble };
    }
    if (found('silent')) return { ...base, kind: 'silence', status: null };
    if (found('broken')) return { ...base, kind: 'broken', status: null };
    const unreadable = this.#unreadable(found, () => stream.page(request, version, now).body);
    if (unreadable !== null) return { ...base, kind: 'unreadable', ...unreadable };
    if (stream.knowsNobodyOf(url, version)) {
      return { ...base, kind: 'unknown', status: 404, body: grumble };
    }
    if (cursor !== null && stream.hasExpired(cursor)) {
      return { ...base, kind: 'expired', status: stream.deadCursor, body: grumble };
    }
    const refused = stream.refusal(request, version);
    if (refused !== null) return { ...base, kind: 'behind', ...refused, body: grumble };
    const truth = stream.page(request, version, now);
    if (found('blank') && truth.given.length > 0) {
      return { ...base, of: truth.of, lie: 'blank', body: JSON.stringify(stream.blank(truth.total)) };
    }
    // What a cursor leads to is an end like any other; nobody could tell that it is none.
    if (cursor === null && found('vanished')) {
      return { ...base, of: truth.of, lie: 'vanished', body: JSON.stringify(stream.blank(0)) };
    }
    if (found('no content')) {
      const atEnd = truth.atEnd && truth.given.length === 0;
      return { ...base, of: truth.of, lie: 'no content', status: 204, atEnd };
    }

    const omit = found('omitted') !== undefined;
    const miscount = found('miscounted')?.by ?? 0;
    const leaveOut = found('left out') !== undefined;
    const poison = found('poisoned')?.by ?? null;
    const circling = found('circling');
    const { body, given, atEnd, of, omits, circles, moved, cut, poisoned } = stream.page(
      request,
      version,
      now,
      {
        ...{ leaveOut, omit, miscount, poison },
        cut: found('cut short')?.word,
        circle: circling && { place: circling.place, since: now - (time - circling.at) },
      },
    );
    if (poisoned === 'whole') {
      return { ...base, kind: 'unreadable', of, lie: 'poisoned', body: JSON.stringify(body) };
    }
    const spent = found('spent');
    const isSaid = spent !== undefined && saysWithRows(spent.word.form);
    const said = isSaid ? say(spent.word, now) : { headers: {} };
    return {
      ...base,
      ...said,
      ...(cut && { status: cut.status, headers: { ...said.headers, ...cut.headers } }),
      given: given.map((entry) => ({ entry, version: entry.changedAt.length })),
      leftOut: 'errors' in body || cut !== null || poisoned === 'part',
      lie:
        poisoned === 'part'
          ? 'poisoned'
          : omits
            ? 'omitted'
            : circles
              ? 'circling'
              : miscount === 0
                ? null
                : 'miscounted',
      ...{ atEnd, of, moved },
      body: JSON.stringify(body),
    };
  }

  #unreadable(
    found: (kind: Window['kind']) => Window | undefined,
    body: () => object,
  ): { readonly headers: Readonly<Record<string, string>>; readonly body: string } | null {
    if (found('html')) {
      return { headers: { 'content-type': 'text/html' }, body: `<!doctype html><p>${fieldMark}</p>` };
    }
    if (found('empty')) return { headers: {}, body: '' };
    if (found('no array'))
      return { headers: {}, body: `{"total":3,"error":{"message":"no ${fieldMark} today"}}` };
    if (!found('truncated')) return null;
    const whole = JSON.stringify(body());
    return { headers: {}, body: whole.slice(0, Math.ceil(whole.length / 2)) };
  }
}

/** Of what is in the answer, so that one that lies has another than the truth. */
function tagOf({ given, leftOut, lie }: Heard): string {
  const rows = given.map(({ entry, version }) => [entry.id, version]);
  const hash = createHash('sha256').update(JSON.stringify([rows, leftOut, lie === 'poisoned']));
  return `"${hash.digest('base64url')}"`;
}

/** A reset comes along with rows, too, and says that nothing is left. */
function saysWithRows(form: Word['form']): boolean {
  return form.startsWith('reset') || form === 'the IETF draft' || form === 'its older form';
}

/** Vendors put what they were asked about into their errors, and with what, in each place that an error may have words in. */
const grumble = JSON.stringify({
  key: `bad.value.${fieldMark}`,
  error: { code: `bad_${rowMark}`, message: `Invalid key ${secretMark}-mobaro-version-1` },
  message: `cannot do "${fieldMark}" for ada@${fieldMark}.example, Ada ${fieldMark} or ada＠${fieldMark}.example`,
  detail: [
    {
      loc: ['body', fieldMark],
      msg: `“${fieldMark}” of %46${fieldMark.slice(1)} is invalid`,
      input: fieldMark,
    },
  ],
  errors: [
    { title: 'Invalid', detail: `&#83;${secretMark.slice(1)} of ${rowMark}` },
    `${fieldMark} is required`,
  ],
  args: { id: rowMark, name: fieldMark },
});
