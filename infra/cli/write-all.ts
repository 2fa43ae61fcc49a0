/** The reader has had enough (`| head`): no mistake, and nothing more to do. */
export class ReaderGoneError extends Error {
  override readonly name = 'ReaderGoneError';
}

/**
 * Writes and waits until it is out, so that nothing is lost when the process ends right after.
 *
 * @throws ReaderGoneError
 */
export async function writeAll(stream: NodeJS.WritableStream, text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    stream.write(text, (error) => {
      if (error == null) resolve();
      else reject(isPipe(error) ? new ReaderGoneError('nobody reads any more', { cause: error }) : error);
    });
  });
}

/** Writes no faster than the reader reads. @throws ReaderGoneError */
export async function writePieces(
  stream: NodeJS.WritableStream,
  pieces: AsyncIterable<string>,
): Promise<void> {
  let buffer = '';
  for await (const piece of pieces) {
    buffer += piece;
    if (buffer.length < flushAt) continue;
    await writeAll(stream, buffer);
    buffer = '';
  }
  if (buffer !== '') await writeAll(stream, buffer);
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
