import { createHmac } from 'node:crypto';

import type { JsonPath, StreamDefinition } from '../connectors/connector.ts';
import { isObject, jsonText, parseJson, textOf } from '../connectors/json.ts';
import type { VendorAnswer } from '../sync/ports.ts';
import { isName, isTopName } from '../tables/field-counts.ts';

type Answered = Extract<VendorAnswer, { kind: 'answered' }>;

export interface ScrubberOptions {
  readonly definition: StreamDefinition;
  /** Without a trailing slash: what is known of the vendor's URLs. */
  readonly baseUrl: string;
  /** Of this recording alone, and kept nowhere: without it nobody finds a value again. */
  readonly key: Uint8Array;
}

/**
 * Makes of a vendor's answers what may be kept and shown to others: every value is replaced by another one of the same shape, type and
 * length, the same value by the same one, and two that differ by two that differ; so ids still join and pages still overlap. Times are
 * moved by whole days, all by as many. What pages is kept as far as it is no text: numbers and flags outside of lists.
 */
export class Scrubber {
  readonly #options: ScrubberOptions;
  readonly #known = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #days: number;
  readonly #ownSegments: ReadonlySet<string>;

  constructor(options: ScrubberOptions) {
    this.#options = options;
    const { baseUrl, definition, key } = options;
    this.#days = 400 + (createHmac('sha256', key).update('days').digest().readUInt16LE(0) % 3000);
    this.#ownSegments = new Set(
      [new URL(baseUrl).pathname, definition.path].flatMap((path) => path.split('/')),
    );
  }

  answer({ status, headers, body }: Answered): {
    status: number;
    headers: Record<string, string>;
    body: string;
  } {
    const kept = Object.entries(headers).flatMap(([name, value]) => {
      const scrubbed = this.#header(name, value);
      return scrubbed === null ? [] : [[name, scrubbed] as const];
    });
    return { status, headers: Object.fromEntries(kept), body: this.#body(body) };
  }

  /** A path, below the base URL, as it may be kept: what the definition does not have in it may be an id. */
  path(pathname: string): string {
    const base = new URL(this.#options.baseUrl).pathname.replace(/\/$/, '');
    const below = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname;
    return below
      .split('/')
      .map((segment) => (this.#ownSegments.has(segment) ? segment : '*'))
      .join('/');
  }

  #header(name: string, value: string): string | null {
    if (/^(?:content-type|date|last-modified)$|rate-?limit|retry-after/.test(name)) return value;
    if (name === 'link') return value.replaceAll(/<([^>]*)>/g, (_, url: string) => `<${this.#text(url)}>`);
    return name === 'location' || name === 'etag' ? this.#text(value) : null;
  }

  #body(body: string): string {
    if (body === '') return '';
    try {
      return jsonText(this.#value(parseJson(body), [], false));
    } catch {
      const lines = linesOf(body);
      if (lines !== null) return lines.map((line) => jsonText(this.#value(line, [], true))).join('\n') + '\n';
      return this.#text(body);
    }
  }

  /** @param within a list, or what the definition takes for one: there every value may be somebody's */
  #value(value: unknown, path: JsonPath, within: boolean): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (value === null) return null;
    if (typeof value === 'boolean') return within ? false : value;
    const digits = textOf(value);
    if (digits !== null) return within ? JSON.rawJSON(this.#number(digits)) : value;
    if (Array.isArray(value)) return value.map((inner) => this.#value(inner, path, true));
    if (!isObject(value)) return null;
    const isList = this.#isPlace(path);
    const entries = Object.entries(value);
    const isKeyed = isList && this.#options.definition.items.keyed !== undefined;
    const areData = isKeyed || entries.length > maxKeys;
    const isTop = path.length === 0 || isList;
    return Object.fromEntries(
      entries.map(([key, inner]) => {
        const isKept = !areData && (isTop ? isTopName(key) : isName(key));
        return [isKept ? key : this.#text(key), this.#value(inner, [...path, key], within || isList)];
      }),
    );
  }

  #isPlace(path: JsonPath): boolean {
    const { path: first, or = [] } = this.#options.definition.items;
    return [first, ...or].some(
      (place) => place.length === path.length && place.every((key, index) => key === path[index]),
    );
  }

  #text(text: string): string {
    if (/^https?:\/\//i.test(text) && URL.canParse(text)) return this.#url(text);
    const date = /^(\d{4})-(\d\d)-(\d\d)(?=$|[T ])/.exec(text);
    if (date !== null) return this.#moved(date[0]) + text.slice(date[0].length);
    return this.#other(text, /^[0-9a-f-]{16,}$/i.test(text) ? 'hex' : 'text');
  }

  /** A sign of a number stays, and so does its point. */
  #number(digits: string): string {
    const [mantissa = '', ...rest] = digits.split(/(?=[eE])/);
    return this.#other(mantissa, 'text') + rest.join('');
  }

  #moved(date: string): string {
    const at = Date.parse(`${date}T00:00:00Z`);
    if (Number.isNaN(at)) return this.#other(date, 'text');
    return new Date(at - this.#days * dayMs).toISOString().slice(0, 10);
  }

  /** Of the vendor's own its address stays, so that it can be followed: what stands in it is replaced. */
  #url(text: string): string {
    const url = new URL(text);
    if (url.origin !== new URL(this.#options.baseUrl).origin) {
      const scheme = text.slice(0, text.indexOf('//') + 2);
      return scheme + this.#other(text.slice(scheme.length), 'text');
    }
    const path = url.pathname
      .split('/')
      .map((segment) => (this.#ownSegments.has(segment) ? segment : this.#other(segment, 'text')))
      .join('/');
    const query = new URLSearchParams();
    for (const [name, value] of url.searchParams) query.append(name, this.#other(value, 'text'));
    return `${url.origin}${path}${query.size === 0 ? '' : `?${query.toString()}`}`;
  }

  /** Another text of the same shape that stands for no other one. */
  #other(text: string, kind: 'text' | 'hex'): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const isNumber = /^-?\d/.test(text);
    const classes = Array.from(text, (character, index) => {
      const isFirst = isNumber && index === (text.startsWith('-') ? 1 : 0);
      return classOf(character, kind, isFirst);
    });
    const stream = this.#keyStream(text, classes.length);
    const chosen = classes.map((one, index) => (stream[index] ?? 0) % one.length);
    let found = textOfChoice(classes, chosen);
    // Of short ones there are few: the next that is free.
    for (let tries = 0; this.#taken.has(found) && tries < maxTries; tries += 1) {
      step(classes, chosen);
      found = textOfChoice(classes, chosen);
    }
    this.#known.set(text, found);
    this.#taken.add(found);
    return found;
  }

  #keyStream(text: string, length: number): Uint8Array {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
      createHmac('sha256', this.#options.key)
        .update(`${String(block)} ${text}`)
        .digest(),
    );
    return Buffer.concat(blocks);
  }
}

const dayMs = 86_400_000;
/** Keys of one object; more than that are data. */
const maxKeys = 50;
const maxTries = 10_000;

/** What may stand in the place of a character: each as long as it is. */
function classOf(character: string, kind: 'text' | 'hex', isFirstDigit: boolean): readonly string[] {
  if (/^\d$/.test(character)) {
    if (isFirstDigit) return character === '0' ? ['0'] : Array.from('123456789');
    return Array.from('0123456789');
  }
  if (!/^[\p{L}\p{N}]$/u.test(character)) return [character];
  const isUpper = character !== character.toLowerCase();
  const letters = Array.from(kind === 'hex' ? 'abcdef' : 'abcdefghijklmnopqrstuvwxyz');
  return letters.map((letter) => (isUpper ? letter.toUpperCase() : letter).repeat(character.length));
}

function textOfChoice(classes: readonly (readonly string[])[], chosen: readonly number[]): string {
  return classes.map((one, index) => one[chosen[index] ?? 0] ?? '').join('');
}

/** Counts on, the last character first. */
function step(classes: readonly (readonly string[])[], chosen: number[]): void {
  for (let index = classes.length - 1; index >= 0; index -= 1) {
    const next = (chosen[index] ?? 0) + 1;
    chosen[index] = next % (classes[index]?.length ?? 1);
    if (chosen[index] !== 0) return;
  }
}

/** JSON values in lines; null where it is something else. */
function linesOf(body: string): readonly unknown[] | null {
  try {
    return body
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseJson);
  } catch {
    return null;
  }
}
