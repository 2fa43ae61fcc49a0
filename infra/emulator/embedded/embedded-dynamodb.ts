import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceNotFoundException,
  waitUntilTableExists,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { z } from 'zod';

import type { TableModel } from '../template/template-model.ts';
import { localDynamoDb } from './clients.ts';
import { databaseFolder, mustBeFree, removeRunning, writeRunning, writeWhole } from './data-lock.ts';
import { guard } from './guard.ts';
import { startDynalite, type StreamedTables, type TableStreams } from './table-streams.ts';
import { close, listen } from '../../loopback/listen.ts';

export interface EmbeddedDynamoDb {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** What has changed in the tables that have a stream. */
  readonly streams: TableStreams;
  /** Random, and kept with the data. */
  readonly salt: string;
  close(): Promise<void>;
}

const markerSchema = z.object({
  tables: z.array(z.string()),
  salt: z.string().min(1),
  /** Kept for those who open the folder without a template: what they write has to be captured, too. */
  streams: z.record(z.string(), z.array(z.string())).default({}),
});
type Marker = z.infer<typeof markerSchema>;

/**
 * Starts dynalite on the data folder, for those who know the access key, and makes the tables that are not there yet.
 *
 * @param isAll whether there is nothing else to be asked here; if there is, who starts it says where all of it answers
 * @throws DataInUseError if another process has it open.
 */
export async function startEmbeddedDynamoDb(
  dataDir: string,
  tables: readonly TableModel[],
  accessKey: string,
  isAll = true,
): Promise<EmbeddedDynamoDb> {
  await mustBeFree(dataDir);
  const folder = databaseFolder(dataDir);
  const markerFile = path.join(folder, 'pagekeeper.json');
  const known = await readMarker(markerFile);
  // A process that died while it made the tables can leave one that is neither there nor can be made. Nothing has been
  // stored before all of them were there, so nothing is lost.
  if (known === undefined) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
  }

  const before = known?.streams ?? {};
  const now = streamedTables(before, tables);
  const noWait = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const { server, streams } = startDynalite({ path: folder, ...noWait }, now);
  guard(server, accessKey);
  const endpoint = await listen(server);
  const client = localDynamoDb(endpoint, accessKey);
  const stop = async () => {
    client.destroy();
    await close(server);
  };
  try {
    for (const table of tables) await ensureTable(client, table);
    for (const table of Object.keys(before)) if (!(table in now)) await streams.trim(table);
    const marker: Marker = {
      tables: [...new Set([...(known?.tables ?? []), ...tables.map(({ name }) => name)])],
      salt: known?.salt ?? randomBytes(32).toString('hex'),
      streams: now,
    };
    if (!isDeepStrictEqual(known, marker)) await writeWhole(markerFile, marker);
    if (isAll) await writeRunning(dataDir, { pid: process.pid, dynamodb: endpoint, accessKey });
    return {
      endpoint,
      client,
      streams,
      salt: marker.salt,
      close: async () => {
        await removeRunning(dataDir);
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A table that the template has is as the template says; of any other it stays as it was. */
function streamedTables(known: StreamedTables, tables: readonly TableModel[]): Record<string, string[]> {
  const named = new Set(tables.map(({ name }) => name));
  const others = Object.entries(known).filter(([name]) => !named.has(name));
  const ours = tables
    .filter(({ stream }) => stream !== undefined)
    .map(({ name, keySchema }) => [name, keySchema.map(({ AttributeName }) => AttributeName)] as const);
  return Object.fromEntries([...others, ...ours].map(([name, keys]) => [name, [...keys]]));
}

async function readMarker(file: string): Promise<Marker | undefined> {
  if (!existsSync(file)) return undefined;
  return markerSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

async function ensureTable(client: DynamoDBClient, table: TableModel): Promise<void> {
  const existing = await describe(client, table.name);
  if (existing === undefined) {
    await client.send(
      new CreateTableCommand({
        TableName: table.name,
        KeySchema: [...table.keySchema],
        AttributeDefinitions: [...table.attributes],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  } else if (keyOf(existing) !== keyOf(table.keySchema)) {
    throw new Error(
      `The stored table ${table.name} has another key than the template says. Start with --fresh to make it anew.`,
    );
  }
  await waitUntilTableExists(
    { client, maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.1 },
    { TableName: table.name },
  );
}

async function describe(client: DynamoDBClient, name: string) {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
    return Table?.KeySchema ?? [];
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function keyOf(
  schema: readonly { AttributeName?: string | undefined; KeyType?: string | undefined }[],
): string {
  return schema.map(({ AttributeName, KeyType }) => `${AttributeName ?? ''}:${KeyType ?? ''}`).join(',');
}
