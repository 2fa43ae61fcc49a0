import * as z from 'zod';

import { messageVersion, type PageMessage } from '../sync/message.ts';
import { wholeSchemaOf } from './whole-schema.ts';

export type PageMessageBody =
  | { readonly kind: 'page'; readonly message: PageMessage }
  /** Sent by a newer version, while a deployment rolls out: that version will understand it. */
  | { readonly kind: 'newer'; readonly version: number }
  /** Not a message of this program at all. `reason` does not quote it. */
  | { readonly kind: 'foreign'; readonly reason: string };

const versioned = z.object({ v: z.int().positive() });

const pageMessage = wholeSchemaOf<PageMessage>()(
  z.object({
    v: z.literal(messageVersion),
    stream: z.string().min(1),
    run: z.string().min(1),
    sequence: z.int().nonnegative(),
  }),
);

export function encodePageMessage({ v, stream, run, sequence }: PageMessage): string {
  return JSON.stringify({ v, stream, run, sequence });
}

/** Reads the body of a message from the page queue. Never throws: for every text in a queue there is an answer here. */
export function decodePageMessage(body: string): PageMessageBody {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { kind: 'foreign', reason: 'its body is not JSON' };
  }
  const version = versioned.safeParse(value);
  if (version.success && version.data.v > messageVersion) return { kind: 'newer', version: version.data.v };
  const page = pageMessage.safeParse(value);
  if (page.success) return { kind: 'page', message: page.data };
  const problems = page.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  return { kind: 'foreign', reason: problems.join('; ') };
}
