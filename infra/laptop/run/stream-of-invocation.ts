import { z } from 'zod';

import { decodePageMessage } from '../../../lib/aws/page-message-body.ts';
import { parseStreamName } from '../../../lib/connectors/stream-name.ts';

const tick = z.object({ stream: z.string() });
const batch = z.object({ Records: z.array(z.object({ body: z.string() })).min(1) });

/** The stream whose page an invocation was for, by a tick or a message; null where it was for something else. @param event as it was invoked with */
export function streamOfInvocation(event: unknown): string | null {
  const named = tick.safeParse(event).data?.stream ?? streamIn(batch.safeParse(event).data?.Records[0]?.body);
  return named === null || parseStreamName(named) === null ? null : named;
}

function streamIn(body: string | undefined): string | null {
  const read = body === undefined ? null : decodePageMessage(body);
  return read?.kind === 'page' ? read.message.stream : null;
}
