import { printableText } from './printable.ts';

/** The reader has had enough (`| head`): no mistake, and nothing more to do. */
export class ReaderGoneError extends Error {
  override readonly name = 'ReaderGoneError';
}

/**
 * Writes and waits until it is out, so that nothing is lost when the process ends right after. What would act on a terminal is
 * escaped.
 *
 * @throws ReaderGoneError
 */
export function writeAll(stream: NodeJS.WritableStream, text: string): Promise<void> {
  return write(stream, printableText(text, true));
}

async function write(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => {
      if (error == null) resolve();
      else reject(isPipe(error) ? new ReaderGoneError('nobody reads any more', { cause: error }) : error);
    });
  });
}

/**
 * Writes no faster than the reader reads.
 *
 * @param pieces of which null writes what has come so far
 * @param exact leaves the text as it is, for a format that knows no escapes; not on a terminal
 * @throws ReaderGoneError
 */
export async function writePieces(
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
  pieces: AsyncIterable<string | null> | Iterable<string>,
  exact: boolean,
): Promise<void> {
  const shown = (text: string): string =>
    exact && stream.isTTY !== true ? text : printableText(text, false);
  let buffer = '';
  for await (const piece of pieces) {
    buffer += piece ?? '';
    if (buffer.length < flushAt && piece !== null) continue;
    await write(stream, shown(buffer));
    buffer = '';
  }
  if (buffer !== '') await write(stream, shown(buffer));
}

/** Characters: one write for each record would be slow. */
const flushAt = 64 * 1024;

/** Without it an EPIPE that comes between two writes ends the process with a stack trace. */
export function toleratePipes(...streams: readonly NodeJS.WritableStream[]): void {
  for (const stream of streams) {
    stream.on('error', (error: Error) => {
      if (!isPipe(error)) throw error;
    });
  }
}

function isPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}
