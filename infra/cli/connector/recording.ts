import { randomBytes } from 'node:crypto';
import { access, readFile, writeFile } from 'node:fs/promises';

import { z } from 'zod';

import type { StreamDefinition } from '../../../lib/connectors/connector.ts';
import { Scrubber } from '../../../lib/operations/scrub-answer.ts';
import type { Tried } from '../../../lib/operations/try-stream.ts';
import type { Clock, Vendor, VendorAnswer, VendorRequest } from '../../../lib/sync/ports.ts';
import { UsageError } from '../../terminal/usage-error.ts';

/** Answers of a vendor, scrubbed: values replaced, shapes, types and lengths kept. */
const shape = z.object({
  pagekeeperRecording: z.literal(1),
  connector: z.string(),
  stream: z.string(),
  recordedAt: z.iso.datetime(),
  exchanges: z.array(
    z.object({
      method: z.enum(['GET', 'POST']),
      path: z.string(),
      /** The names of its parameters. */
      query: z.array(z.string()),
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.string(),
    }),
  ),
});

export type Recording = z.infer<typeof shape>;

interface Recorded {
  readonly connector: string;
  readonly stream: string;
  readonly definition: StreamDefinition;
  readonly baseUrl: string;
  readonly tried: Tried;
  readonly now: number;
}

/** What of a try may be kept. Calls without an answer are left out. */
export function recordingOf({ connector, stream, definition, baseUrl, tried, now }: Recorded): Recording {
  const scrubber = new Scrubber({ definition, baseUrl, key: randomBytes(32) });
  const exchanges = tried.pages.flatMap(({ request, answer }) => {
    if (answer.kind !== 'answered') return [];
    return [{ ...outlineOf(request, (path) => scrubber.path(path)), ...scrubber.answer(answer) }];
  });
  return { pagekeeperRecording: 1, connector, stream, recordedAt: new Date(now).toISOString(), exchanges };
}

function outlineOf({ method, url }: VendorRequest, path: (pathname: string) => string) {
  const { pathname, searchParams } = new URL(url);
  return { method, path: path(pathname), query: [...new Set(searchParams.keys())] };
}

/** Before the vendor is asked. @throws UsageError */
export async function mustNotBeThere(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new UsageError('--record: the file is there already, and is left as it is.');
}

/** @throws UsageError where the file is there already */
export async function writeRecording(file: string, recording: Recording): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(recording, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new UsageError(`--record: the file ${reasonOf(error)}.`);
  }
}

/** @throws UsageError */
export async function readRecording(
  option: string,
  file: string,
  connector: string,
  stream: string,
): Promise<Recording> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${option}: the file ${reasonOf(error)}.`);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${option}: the file is no recording of connector try --record.`);
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) throw new UsageError(`${option}: the file is no recording of connector try --record.`);
  const { data } = parsed;
  if (data.connector !== connector || data.stream !== stream) {
    throw new UsageError(`${option}: the file is a recording of ${data.connector}/${data.stream}.`);
  }
  return data;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EEXIST') return 'is there already, and is left as it is';
  return code === 'ENOENT' ? 'is not there' : `cannot be used (${String(code)})`;
}

/** Gives the recorded answers in their order, whatever is requested. */
export class ReplayedVendor implements Vendor {
  readonly #recording: Recording;
  readonly #paths: Scrubber;
  readonly #clock: Pick<Clock, 'now'>;
  #next = 0;
  /** Calls that are made otherwise than when they were recorded, counted from 1. */
  readonly otherwise: number[] = [];

  constructor(
    recording: Recording,
    definition: StreamDefinition,
    baseUrl: string,
    clock: Pick<Clock, 'now'>,
  ) {
    this.#recording = recording;
    this.#clock = clock;
    this.#paths = new Scrubber({ definition, baseUrl, key: randomBytes(32) });
  }

  call(request: VendorRequest): Promise<VendorAnswer> {
    const exchange = this.#recording.exchanges[this.#next];
    this.#next += 1;
    if (exchange === undefined) throw new Error('There are no more answers in the recording');
    const now = outlineOf(request, (path) => this.#paths.path(path));
    const then = { method: exchange.method, path: exchange.path, query: exchange.query };
    if (JSON.stringify(now) !== JSON.stringify(then)) this.otherwise.push(this.#next);
    const { status, headers, body } = exchange;
    return Promise.resolve({ kind: 'answered', status, headers, body, receivedAt: this.#clock.now() });
  }
}
