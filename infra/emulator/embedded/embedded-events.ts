import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { localAccount, localRegion } from '../template/local-account.ts';
import { ok, refusal, startAwsJson, unknownOperation, type AwsJsonServer } from './aws-json.ts';

/** As EventBridge delivers it. */
export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 in UTC, of whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface EventsOptions {
  /** Whom it answers. */
  readonly accessKey: string;
  /** Called with what a call has brought, before it is answered. @param answered resolves when it has been */
  readonly onEvents: (events: readonly BusEvent[], answered: Promise<void>) => void;
}

/** EventBridge's limits for one call. */
const maxEntries = 10;
const maxBytes = 256 * 1024;

// What is not in here, such as another bus or a trace header, is refused: nothing would be made of it.
const requestBody = z.strictObject({
  Entries: z.array(
    z.strictObject({
      Source: z.string().optional(),
      DetailType: z.string().optional(),
      Detail: z.string().optional(),
      EventBusName: z.literal('default').optional(),
      Resources: z.array(z.string()).default([]),
      /** Epoch seconds, as AWS JSON has it. */
      Time: z.number().optional(),
    }),
  ),
});

type Entry = z.infer<typeof requestBody>['Entries'][number];

/** PutEvents of EventBridge, for the default bus. It keeps nothing. */
export function startEmbeddedEvents({ accessKey, onEvents }: EventsOptions): Promise<AwsJsonServer> {
  return startAwsJson(accessKey, ({ operation, body, answered }) => {
    if (operation !== 'PutEvents') return unknownOperation(operation);
    const parsed = requestBody.safeParse(body);
    if (!parsed.success) return refusal('ValidationException', z.prettifyError(parsed.error));
    const { Entries } = parsed.data;
    const problem = problemWith(Entries);
    if (problem !== null) return refusal('ValidationException', problem);
    const now = Date.now();
    const results = Entries.map((entry) => taken(entry, now));
    onEvents(
      results.flatMap(({ event }) => event ?? []),
      answered,
    );
    return ok({
      FailedEntryCount: results.filter(({ event }) => event === null).length,
      Entries: results.map(({ result }) => result),
    });
  });
}

/** Of the call as a whole; null where there is none. */
function problemWith(entries: readonly Entry[]): string | null {
  if (entries.length === 0 || entries.length > maxEntries) {
    const bound = entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${maxEntries}`;
    return `1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length ${bound}`;
  }
  const bytes = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
  return bytes > maxBytes ? 'Total size of the entries in the request is over the limit.' : null;
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html, "Calculating event entry size" */
function sizeOf({ Time, Source = '', DetailType = '', Detail = '', Resources }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, one) => sum + Buffer.byteLength(one), Time === undefined ? 0 : 14);
}

interface Taken {
  /** Null where it was refused. */
  readonly event: BusEvent | null;
  readonly result: object;
}

function taken({ Source, DetailType, Detail, Resources, Time }: Entry, now: number): Taken {
  for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
    if (value === undefined || value === '') return refused('InvalidArgument', missing(name));
  }
  if (Source?.startsWith('aws.') === true) {
    return refused('NotAuthorizedForSourceException', 'Not authorized for the source.');
  }
  const detail = objectIn(Detail ?? '');
  if (detail === null) return refused('MalformedDetail', 'Detail is malformed.');
  const id = randomUUID();
  const event: BusEvent = {
    ...{ version: '0', id, 'detail-type': DetailType ?? '', source: Source ?? '', account: localAccount },
    time: new Date(Time === undefined ? now : Time * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    ...{ region: localRegion, resources: Resources, detail },
  };
  return { event, result: { EventId: id } };
}

function missing(name: string): string {
  return `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
}

function refused(ErrorCode: string, ErrorMessage: string): Taken {
  return { event: null, result: { ErrorCode, ErrorMessage } };
}

function objectIn(json: string): BusEvent['detail'] | null {
  try {
    return z.record(z.string(), z.unknown()).safeParse(JSON.parse(json)).data ?? null;
  } catch {
    return null;
  }
}
