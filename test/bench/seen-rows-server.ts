import { createHash, randomFillSync } from 'node:crypto';

import { startHttpServer, type SeenRequest } from '../support/http-server.ts';
import { answerFrom } from './pass-on.ts';

/** What a run has seen: so many rows, the first ones by their ids, all others made up. */
export interface Filling {
  readonly stream: string;
  readonly run: string;
  readonly rows: number;
  readonly pageSize: number;
  readonly idOf: (row: number) => string;
}

const digestBytes = 8;
/** Rows whose records there are, or that are looked up. */
const named = 10_000;

/**
 * DynamoDB over HTTP that answers for the memory of a long run from a buffer, at the pace of a table, and passes everything
 * else on: to store millions of rows for real takes an hour.
 * @param behind endpoint of the DynamoDB that has everything else
 */
export async function startSeenRowsServer(behind: string): Promise<{
  readonly endpoint: string;
  fill(filling: Filling): void;
  stop(): Promise<void>;
}> {
  let digests = Buffer.alloc(0);
  let filling: Filling | null = null;

  function itemOf(key: { readonly pk: { readonly S: string } }): object | null {
    const { stream = '', run = '', pageSize = 0, rows = 0 } = filling ?? {};
    const prefix = `seen#${stream}#${run}#`;
    if (!key.pk.S.startsWith(prefix)) return null;
    const start = Number(key.pk.S.slice(prefix.length)) * pageSize;
    const end = Math.min(start + pageSize, rows);
    // The last page is the run's own.
    const bytes = start < rows ? digests.subarray(start * digestBytes, end * digestBytes) : digestOfRow(rows);
    return { ...key, digests: { B: bytes.toString('base64') }, parts: { N: '1' } };
  }

  function digestOfRow(row: number): Buffer {
    const id = filling?.idOf(row) ?? '';
    return createHash('sha256').update(id).digest().subarray(0, digestBytes);
  }

  const server = await startHttpServer((request, response) => {
    server.requests.length = 0;
    const items = seenKeysOf(request).flatMap((key) => itemOf(key) ?? []);
    if (items.length > 0) {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ Responses: { checkpoints: items }, UnprocessedKeys: {} }));
      return;
    }
    void answerFrom(behind, request).then(({ status, headers, body }) => {
      response.writeHead(status, headers).end(body);
    });
  });

  return {
    endpoint: server.origin,
    fill: (next) => {
      filling = next;
      digests = randomFillSync(Buffer.alloc(next.rows * digestBytes));
      const last = next.rows - 1;
      for (const row of [...Array(Math.min(named, last)).keys(), last]) {
        digestOfRow(row).copy(digests, row * digestBytes);
      }
    },
    stop: () => server.stop(),
  };
}

function seenKeysOf({ headers, body }: SeenRequest): readonly { readonly pk: { readonly S: string } }[] {
  if (headers['x-amz-target'] !== 'DynamoDB_20120810.BatchGetItem') return [];
  const { RequestItems } = JSON.parse(body) as {
    readonly RequestItems: Readonly<
      Record<string, { readonly Keys: readonly { readonly pk: { readonly S: string } }[] }>
    >;
  };
  const keys = RequestItems['checkpoints']?.Keys ?? [];
  return keys.filter(({ pk }) => pk.S.startsWith('seen#'));
}
