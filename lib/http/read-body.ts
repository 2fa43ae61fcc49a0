import type { Unreadable } from '../sync/ports.ts';
import { BodyDecoder } from './charset.ts';
import { hasUnknownEncoding, isDamage, UndecodableError } from './decompress.ts';

/** As much of an error's body as is looked at, in bytes. */
const maxError = 64 * 1024;

const unknownEncoding = 'an answer that is compressed in a way that is not known';

export interface Body {
  readonly body: string;
  readonly unreadable?: Unreadable;
}

/**
 * The body of an answer that succeeded. What is longer than the cap is cancelled while it comes, so that no answer takes more
 * memory than the cap stands for, however small it was before it was unpacked.
 * @param cap in bytes, after decompression
 * @throws the error that breaks the connection, or the time-out
 */
export async function wholeBody(response: Response, cap: number): Promise<Body> {
  const decoder = new BodyDecoder(response.headers.get('content-type'), true);
  let bytes = announcedBytes(response.headers);
  if (bytes > cap) {
    await response.body?.cancel();
    return tooLong(bytes, cap);
  }
  bytes = 0;
  let body = '';
  try {
    for await (const chunk of chunksOf(response)) {
      bytes += chunk.byteLength;
      if (bytes > cap) return tooLong(bytes, cap);
      body += decoder.push(chunk);
    }
    return { body: body + decoder.end() };
  } catch (error) {
    if (isDamage(error)) return undecodable('an answer whose compression is damaged');
    if (error instanceof UndecodableError) {
      return undecodable(
        hasUnknownEncoding(response.headers.get('content-encoding')) ? unknownEncoding : error.message,
      );
    }
    throw error;
  }
}

/** As much of an error's body as can be had. Its status has come, and counts with the rest or without. */
export async function beginningOf(response: Response): Promise<Body> {
  const decoder = new BodyDecoder(response.headers.get('content-type'), false);
  let left = maxError;
  let body = '';
  try {
    for await (const chunk of chunksOf(response)) {
      body += decoder.push(chunk.subarray(0, left));
      left -= chunk.byteLength;
      if (left <= 0) break;
    }
  } catch {
    // What came before it broke off will do.
  }
  return { body: body + decoder.end() };
}

/** A caller that stops reading them cancels what is still to come. */
function chunksOf({ body }: Response): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return body ?? [];
}

/** Without compression the length is that of the body; 0 where it is not given. */
function announcedBytes(headers: Headers): number {
  return headers.has('content-encoding') ? 0 : Number(headers.get('content-length') ?? 0);
}

function tooLong(bytes: number, cap: number): Body {
  return { body: '', unreadable: { kind: 'too long', bytes, cap } };
}

function undecodable(reason: string): Body {
  return { body: '', unreadable: { kind: 'undecodable', reason } };
}
