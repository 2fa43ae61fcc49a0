import { isMisfit, type SchemaChange } from '../sync/schema.ts';
import { connectionOf } from '../connectors/stream-name.ts';
import type { Told } from './incident-message.ts';
import { shortName, subjectOf, textOf, type Message } from './message.ts';
import type { People } from './ports.ts';

/** What has changed of a stream's fields with a run. */
export interface SchemaNews {
  readonly stream: string;
  readonly run: string;
  readonly changes: readonly SchemaChange[];
}

/** A ticket for fields whose values do not fit into their type any more: tables that were made before may refuse them. */
export async function tellSchema(
  news: SchemaNews,
  { people, ...told }: Told & { readonly people: People },
): Promise<readonly Message[]> {
  const misfits = news.changes.filter(isMisfit);
  if (misfits.length === 0) return [];
  const message = messageOfMisfits(news, misfits, told);
  await people.send(message);
  return [message];
}

const maxFields = 20;

function messageOfMisfits(
  { stream, run }: SchemaNews,
  misfits: readonly SchemaChange[],
  { deployment, runbook, typed }: Told,
): Message {
  const fields = misfits
    .slice(0, maxFields)
    .map(({ field, from, to }) => `${field} (${String(from)}, now ${String(to)})`);
  const more = misfits.length > maxFields ? ` and ${String(misfits.length - maxFields)} more` : '';
  const lines = [
    { says: `Fields of ${stream} have values of another type than before.` },
    { says: '' },
    { says: `Fields: ${fields.join(', ')}${more}` },
    { says: 'Data: Syncs go on, and every record is stored as it came.' },
    {
      says: 'What to do: a table that was made of export or schema before may refuse them: its readers have to change a column.',
    },
    {
      says: 'Its fields, and since when:',
      command: { kind: 'pagekeeper', args: `schema ${stream}`, stack: deployment },
    },
    { says: '' },
    { says: 'Runbook:', page: `${runbook}#schema-changed` },
  ] as const;
  return {
    severity: 'ticket',
    subject: subjectOf(
      `TICKET ${deployment}: ${connectionOf(stream)} fields of another type: ${shortName(stream)}`,
    ),
    text: textOf(lines, typed),
    thread: `${deployment}-${stream.replace('/', '-')}-schema-${run}`,
  };
}
