import { resumeConnection, resumeStream, type Resumed } from '../../lib/operations/resume.ts';
import { UsageError } from '../local/start-usage-error.ts';
import { mustKnowStream } from './print-records.ts';
import type { Store } from './store.ts';
import { writeAll } from './write-all.ts';

/** Resumes a connection or a stream and says what that did. */
export async function printResumed(store: Store, target: string, out: NodeJS.WritableStream): Promise<void> {
  const results = await resume(store, target);
  await writeAll(out, results.map(({ sentence }) => `${sentence}\n`).join(''));
}

async function resume(store: Store, target: string): Promise<readonly Resumed[]> {
  const ports = { checkpoints: store.checkpoints, breakers: store.breakers, clock: { now: Date.now } };
  if (target.includes('/')) {
    mustKnowStream(store, target);
    return [await resumeStream(target, ports)];
  }
  const streams = store.streams.filter((stream) => stream.startsWith(`${target}/`));
  if (streams.length === 0) {
    const known = [...new Set(store.streams.map((stream) => stream.split('/', 1)[0] ?? stream))];
    throw new UsageError(
      `There is no connection "${target}"; known are ${known.join(', ')}, and the streams ${store.streams.join(', ')}.`,
    );
  }
  return resumeConnection(target, streams, ports);
}
