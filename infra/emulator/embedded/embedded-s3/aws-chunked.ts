import { S3Error } from './s3-error.ts';

const lineEnd = Buffer.from('\r\n');
/** Of a size with a signature, or of a trailer. */
const maxLineBytes = 1024;

/**
 * The body of a request that was sent in chunks of AWS's own, as the SDK does to put a checksum behind what it streams.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 * @param onTrailer for each header behind the body, its name in small letters
 * @throws S3Error
 */
export async function* withoutChunks(
  source: AsyncIterable<Buffer>,
  onTrailer: (name: string, value: string) => void,
): AsyncGenerator<Buffer> {
  const input = new Input(source);
  for (;;) {
    const [, digits = ''] = /^([0-9a-f]+)(?:;.*)?$/i.exec(await input.line()) ?? [];
    const size = Number.parseInt(digits, 16);
    if (!Number.isSafeInteger(size)) throw malformed();
    if (size === 0) break;
    yield* input.bytes(size);
    if ((await input.line()) !== '') throw malformed();
  }
  for (let line = await input.line(); line !== ''; line = await input.line()) {
    const colon = line.indexOf(':');
    if (colon < 1) throw malformed();
    onTrailer(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

function malformed(): S3Error {
  return new S3Error(400, 'IncompleteBody', 'The chunks of the body cannot be read.');
}

/** Holds no more than what came last, and a line. */
class Input {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    let end = this.#rest.indexOf(lineEnd);
    while (end < 0) {
      if (this.#rest.length > maxLineBytes) throw malformed();
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
      end = this.#rest.indexOf(lineEnd);
    }
    const line = this.#rest.subarray(0, end).toString('latin1');
    this.#rest = this.#rest.subarray(end + lineEnd.length);
    return line;
  }

  async *bytes(count: number): AsyncGenerator<Buffer> {
    for (let missing = count; missing > 0;) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      yield part;
    }
  }

  async #next(): Promise<Buffer> {
    const next = await this.#source.next();
    if (next.done === true) throw malformed();
    return next.value;
  }
}
