import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  /** The same, for what is no text. */
  readonly bytes: Buffer;
}

export interface TestHttpServer {
  /** `http://127.0.0.1:PORT`, without a trailing slash. */
  readonly origin: string;
  /** Every request so far, its body read to the end. */
  readonly requests: SeenRequest[];
  /** How many connections clients have opened. */
  readonly connections: number;
  /** How the next requests are answered. */
  handle(handler: Handler): void;
  stop(): Promise<void>;
}

export type Handler = (request: SeenRequest, response: ServerResponse) => void;

/** A real HTTP server whose answers a test decides. */
export async function startHttpServer(first: Handler = notHandled): Promise<TestHttpServer> {
  let handler = first;
  let connections = 0;
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const bytes = Buffer.concat(chunks);
      const seen = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: bytes.toString('utf8'),
        bytes,
      };
      requests.push(seen);
      handler(seen, response);
    });
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get connections() {
      return connections;
    },
    handle(next) {
      handler = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function notHandled(_request: SeenRequest, response: ServerResponse): void {
  response.writeHead(500).end('The test has not said how to answer');
}
