import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import { noIncidents, type Incidents } from '../on-call/incident.ts';
import type { IncidentStore } from '../on-call/ports.ts';
import { troubleFlags, type Trouble } from '../sync/troubles.ts';
import { RevisionedItems } from './revisioned-items.ts';
import { wholeSchemaOf } from './whole-schema.ts';

const version = 1;
const kinds = Object.keys(troubleFlags) as Trouble[];
const severity = z.enum(['page', 'ticket']);
const left = z.object({ how: z.enum(['well', 'paused', 'taken out', 'otherwise']), at: z.number() });

const incidents = wholeSchemaOf<Incidents>()(
  z.object({
    connection: z.string(),
    revision: z.int().positive(),
    sendingUntil: z.number().nullable(),
    noticed: z.boolean(),
    open: z.array(
      z.object({
        kind: z.enum(kinds),
        since: z.number(),
        seenAt: z.number(),
        streams: z.record(z.string(), z.object({ since: z.number(), left: left.nullable() })),
        pageSince: z.number().nullable(),
        told: z.object({ at: z.number(), severity, streams: z.array(z.string()) }).nullable(),
        mayBeTold: severity.nullable(),
      }),
    ),
  }),
);

/** What people have been told, as items `incidents#<connection>` of the checkpoints table. */
export class DynamoIncidents implements IncidentStore {
  readonly #items: RevisionedItems<Incidents>;

  constructor(client: DynamoDBClient, table: string) {
    this.#items = new RevisionedItems<Incidents>(client, table, incidents, version);
  }

  async read(connection: string): Promise<Incidents> {
    return (await this.#items.read(keyOf(connection))) ?? noIncidents(connection);
  }

  replace(next: Incidents): Promise<Incidents | undefined> {
    return this.#items.replace(keyOf(next.connection), next);
  }
}

function keyOf(connection: string): string {
  return `incidents#${connection}`;
}
