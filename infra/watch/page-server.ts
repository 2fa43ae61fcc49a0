import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import { listen } from '../loopback/listen.ts';
import { namesThisMachine } from '../loopback/names-this-machine.ts';
import { streamEvents, type Feed } from './event-stream.ts';
import { readPageFiles, type PageFile } from './page-files.ts';

export interface PageServer {
  /** `http://127.0.0.1:7243/` */
  readonly url: string;
  close(): Promise<void>;
}

/** The port is taken. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** More than anybody opens by hand. */
const maxStreams = 32;

/** Nothing from elsewhere, nothing inline, nobody's frame; text becomes markup nowhere. */
const policy = [
  "default-src 'none'",
  ...["script-src 'self'", "style-src 'self'", "img-src 'self'", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  'Content-Security-Policy': policy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
};

/**
 * Serves the page and its events on this machine alone: to read, and nothing else.
 * @param port 0 for any that is free.
 * @throws PortTakenError
 */
export async function startPageServer(feed: Feed, port: number): Promise<PageServer> {
  const files = await readPageFiles();
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const refusal = refusalOf(request);
    if (refusal !== null) {
      if (refusal.status === 405) response.setHeader('Allow', 'GET, HEAD');
      end(response, refusal.status, refusal.text);
      return;
    }
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (path === '/events') answerEvents(request, response);
    else answerFile(request, response, files.get(path));
  });

  function answerEvents(request: IncomingMessage, response: ServerResponse): void {
    if (open.size >= maxStreams) {
      end(response, 503, 'Too many pages are open.');
      return;
    }
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    open.add(response);
    response.on('close', () => open.delete(response));
    streamEvents(feed, response);
  }

  const origin = await listen(server, port).catch((error: unknown) => {
    const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw isTaken ? new PortTakenError(`Port ${String(port)} is taken.`) : error;
  });
  return {
    url: `${origin}/`,
    close: async () => {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const response of open) response.end();
      server.closeIdleConnections();
      // A browser that keeps its connection is not waited for.
      setTimeout(() => server.closeAllConnections(), 500).unref();
      await closed;
    },
  };
}

function answerFile(request: IncomingMessage, response: ServerResponse, file: PageFile | undefined): void {
  if (file === undefined) {
    end(response, 404, 'There is nothing here.');
    return;
  }
  response.writeHead(200, { 'Content-Type': file.type, 'Content-Length': file.body.length });
  response.end(request.method === 'HEAD' ? undefined : file.body);
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** A browser says where a request comes from; that a person follows a link to here is no harm. */
const fromHere = ['same-origin', 'none'];

/** A page of another site, or of another port of this machine, can make a browser send requests here. */
function refusalOf(request: IncomingMessage): { readonly status: number; readonly text: string } | null {
  if (!namesThisMachine(request)) {
    return { status: 421, text: 'This page is for this machine alone: open it by 127.0.0.1 or localhost.' };
  }
  const { 'sec-fetch-site': site = 'none', 'sec-fetch-mode': mode } = request.headers;
  if (!fromHere.includes(site) && mode !== 'navigate') {
    return { status: 403, text: 'Another site may not read this page.' };
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, text: 'This page is to be read, and not to be told anything.' };
  }
  return null;
}
