import { TextDecoder } from 'node:util';

import { UndecodableError } from './decompress.ts';

/**
 * Bytes become text here, as the WHATWG Encoding Standard has it: a byte order mark counts for more than the `charset` of the
 * Content-Type, and without both it is UTF-8, which JSON is in (RFC 8259, 8.1). The labels are the standard's, so `latin1`
 * and `ISO-8859-1` are windows-1252. A label that it has not (`utf8mb4`, `UTF_8`) is taken for UTF-8 as long as the bytes are that.
 */
export class BodyDecoder {
  readonly #label: string | null;
  readonly #strict: boolean;
  /** Bytes in which a mark may stand. */
  #first: Uint8Array = new Uint8Array();
  #decoder: TextDecoder | undefined;
  #isUnknown = false;

  /** @param strict whether bytes that are none of the charset's throw an UndecodableError, or are replaced */
  constructor(contentType: string | null, strict: boolean) {
    this.#label = charsetIn(contentType);
    this.#strict = strict;
  }

  push(chunk: Uint8Array): string {
    if (this.#decoder !== undefined) return this.#decode(this.#decoder, chunk);
    this.#first = Buffer.concat([this.#first, chunk]);
    return this.#first.length < maxMark ? '' : this.#begin();
  }

  end(): string {
    const begun = this.#decoder === undefined ? this.#begin() : '';
    return this.#decoder === undefined ? begun : begun + this.#decode(this.#decoder);
  }

  #begin(): string {
    const first = this.#first;
    if (this.#strict && isGzip(first)) {
      throw new UndecodableError(
        'an answer that is compressed with gzip, which its Content-Encoding does not say',
      );
    }
    this.#decoder = this.#decoderOf(markedCharset(first) ?? this.#label ?? 'utf-8');
    return this.#decode(this.#decoder, first);
  }

  #decoderOf(label: string): TextDecoder {
    try {
      return new TextDecoder(label, { fatal: this.#strict });
    } catch {
      this.#isUnknown = true;
      return new TextDecoder('utf-8', { fatal: this.#strict });
    }
  }

  #decode(decoder: TextDecoder, chunk?: Uint8Array): string {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new UndecodableError(`an answer ${this.#flaw(decoder.encoding)}`);
    }
  }

  #flaw(encoding: string): string {
    // The name is the vendor's, and could be anything.
    if (this.#isUnknown) return 'in a charset that is not known, which its Content-Type names';
    const named = this.#label === null ? '' : ', which its Content-Type names';
    return `with bytes that are not valid ${encoding}${named}`;
  }
}

const maxMark = 3;

const marks: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

function markedCharset(first: Uint8Array): string | null {
  return marks.find(([, mark]) => mark.every((byte, index) => first[index] === byte))?.[0] ?? null;
}

function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

/** The first one, quoted or not, some even with the wrong quotes; null where there is none. */
function charsetIn(contentType: string | null): string | null {
  const found = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;,]*))/i.exec(contentType ?? '');
  const label = (found?.[1] ?? found?.[2] ?? '').replace(/^'(.*)'$/, '$1').trim();
  return label === '' ? null : label;
}
