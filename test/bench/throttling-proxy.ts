import { startHttpServer, type SeenRequest } from '../support/http-server.ts';
import { answerFrom } from './pass-on.ts';

/** What a partition of DynamoDB takes in a second. */
const unitsPerSecond = 1000;

const refusal = JSON.stringify({
  __type: 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
  message: 'The level of configured provisioned throughput for the table was exceeded.',
});

type Item = Readonly<Record<string, Readonly<Record<string, string>>>>;
interface Put {
  readonly PutRequest: { readonly Item: Item };
}
type Puts = Readonly<Record<string, readonly Put[]>>;

/**
 * DynamoDB over HTTP that takes the writes of `BatchWriteItem` as one partition does: from a bucket of write units that fills
 * up by 1,000 a second. What it has no units for comes back unprocessed, and a request of which it takes nothing is refused.
 * @param behind endpoint of the DynamoDB that stores
 */
export async function startThrottlingProxy(behind: string): Promise<{
  readonly endpoint: string;
  /** Requests to write since the last reset, those that were refused among them. */
  readonly tries: number;
  /** Write units that have been taken since the last reset. */
  readonly taken: number;
  /** Fills the bucket. */
  reset(): void;
  stop(): Promise<void>;
}> {
  let units = unitsPerSecond;
  let filledAt = performance.now();
  let tries = 0;
  let taken = 0;

  function takes(put: Put): boolean {
    const now = performance.now();
    units = Math.min(unitsPerSecond, units + ((now - filledAt) / 1000) * unitsPerSecond);
    filledAt = now;
    const cost = writeUnitsOf(put.PutRequest.Item);
    if (cost > units) return false;
    units -= cost;
    taken += cost;
    return true;
  }

  const server = await startHttpServer((request, response) => {
    server.requests.length = 0;
    if (request.headers['x-amz-target'] !== 'DynamoDB_20120810.BatchWriteItem') {
      void answerFrom(behind, request).then(({ status, headers, body }) => {
        response.writeHead(status, headers).end(body);
      });
      return;
    }
    tries += 1;
    const { accepted, left } = divided(request, takes);
    if (Object.keys(accepted).length === 0) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(refusal);
      return;
    }
    const body = JSON.stringify({ RequestItems: accepted });
    void answerFrom(behind, { ...request, body }).then((answer) => {
      const { status, headers } = answer;
      response.writeHead(status, headers);
      response.end(status === 200 ? JSON.stringify({ UnprocessedItems: left }) : answer.body);
    });
  });

  return {
    endpoint: server.origin,
    get tries() {
      return tries;
    },
    get taken() {
      return taken;
    },
    reset: () => {
      units = unitsPerSecond;
      filledAt = performance.now();
      tries = 0;
      taken = 0;
    },
    stop: () => server.stop(),
  };
}

function divided({ body }: SeenRequest, takes: (put: Put) => boolean): { accepted: Puts; left: Puts } {
  const { RequestItems } = JSON.parse(body) as { readonly RequestItems: Puts };
  const accepted: Record<string, Put[]> = {};
  const left: Record<string, Put[]> = {};
  for (const [table, puts] of Object.entries(RequestItems)) {
    for (const put of puts) ((takes(put) ? accepted : left)[table] ??= []).push(put);
  }
  return { accepted, left };
}

/** One for each KB of names and values that has been begun. */
function writeUnitsOf(item: Item): number {
  const bytes = Object.entries(item).reduce((sum, [name, { B, S = '', N = '' }]) => {
    const value = B === undefined ? Buffer.byteLength(S + N) : Buffer.byteLength(B, 'base64');
    return sum + Buffer.byteLength(name) + value;
  }, 0);
  return Math.ceil(bytes / 1024);
}
