import { z } from 'zod';

import type { LineCounts } from '../changes/run-in-log.ts';
import { eventSource, type EventType, type PagekeeperEvent } from '../events/event.ts';
import type { FieldChange } from '../sync/schema.ts';

export type { EventType, PagekeeperEvent };

/** The few words of each kind that matter to a person. */
const words: { readonly [Type in EventType]: (detail: DetailOf<Type>) => string } = {
  'Run Ended': ({ outcome, reason, records, written, unchanged, deleted }) => {
    const counts = `${count(records)} record${records === 1 ? '' : 's'}, ${count(written)} written, ${count(unchanged)} unchanged`;
    const gone = deleted === 0 ? '' : `, ${count(deleted)} deleted`;
    return `${withReason(outcome, reason)}: ${counts}${gone}`;
  },
  'Stream State Changed': ({ from, to, reason }) => `${from} → ${withReason(to, reason)}`,
  'Schema Changed': ({ changes, more }) => {
    const some = changes.map(fieldChangeInWords);
    return [...some, ...(more === 0 ? [] : [`${count(more)} more`])].join(', ');
  },
  'Records Changed': ({ counts, key }) => [countsInWords(counts), ...(key === null ? [] : [key])].join('  '),
};

type DetailOf<Type extends EventType> = Extract<PagekeeperEvent, { readonly type: Type }>['detail'];

export const eventTypes = Object.keys(words) as readonly EventType[];

// Another version may have sent it: what the words need has to be there, and whatever else there is stays in it.
const about = { stream: z.string(), at: z.iso.datetime() };
const number = z.number();
const nullable = z.string().nullable();
const counts = z.looseObject({
  created: number,
  changed: number,
  deleted: number,
  restored: number,
  erased: number,
});

const event = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('Run Ended'),
    detail: z.looseObject({
      ...{ ...about, outcome: z.string(), reason: nullable },
      ...{ records: number, written: number, unchanged: number, deleted: number },
    }),
  }),
  z.object({
    type: z.literal('Stream State Changed'),
    detail: z.looseObject({ ...about, from: z.string(), to: z.string(), reason: nullable }),
  }),
  z.object({
    type: z.literal('Records Changed'),
    detail: z.looseObject({ ...about, counts, key: nullable }),
  }),
  z.object({
    type: z.literal('Schema Changed'),
    detail: z.looseObject({
      ...{ ...about, more: number },
      changes: z.array(
        z.looseObject({
          ...{ kind: z.enum(['added', 'gone', 'type']), field: z.string() },
          ...{ from: nullable, to: nullable },
        }),
      ),
    }),
  }),
]);

/** As it stands in the log of the function that has sent it. @returns null for what is no event of this product */
export function readEvent(value: unknown): PagekeeperEvent | null {
  return (event.safeParse(value).data as PagekeeperEvent | undefined) ?? null;
}

const onBus = z.object({ source: z.literal(eventSource), 'detail-type': z.string(), detail: z.unknown() });

/** As EventBridge delivers it. @returns null for what is no event of this product */
export function readBusEvent(value: unknown): PagekeeperEvent | null {
  const { data } = onBus.safeParse(value);
  return data === undefined ? null : readEvent({ type: data['detail-type'], detail: data.detail });
}

/** What a person has to know of it, beside when, of what stream and of which kind it was. Pure. */
export function eventInWords({ type, detail }: PagekeeperEvent): string {
  const say = words[type] as (detail: PagekeeperEvent['detail']) => string;
  return say(detail);
}

function withReason(state: string, reason: string | null): string {
  return reason === null ? state : `${state} (${reason})`;
}

/** `work.title is new (text)`. Pure. */
export function fieldChangeInWords({ kind, field, from, to }: FieldChange): string {
  switch (kind) {
    case 'added':
      return from === null ? `${field} is new (${to ?? ''})` : `${field} comes again (${to ?? ''})`;
    case 'gone':
      return `${field} comes no more`;
    case 'type':
      return `${field} is ${to ?? ''} and was ${from ?? ''}`;
  }
}

/** Those that are none are left out. */
function countsInWords(changes: LineCounts): string {
  const kinds = ['created', 'changed', 'deleted', 'restored', 'erased'] as const;
  const some = kinds.filter((kind) => changes[kind] > 0);
  return some.length === 0 ? 'none' : some.map((kind) => `${count(changes[kind])} ${kind}`).join(', ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
