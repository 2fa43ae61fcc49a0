import type { ServerResponse } from 'node:http';

import type { PageChange, PageState } from './page-state.ts';

/** What the page is told. */
export interface Feed {
  snapshot(): PageState;
  /** @returns how to listen no more. */
  subscribe(listener: (change: PageChange) => void): () => void;
}

/** How long a browser waits before it connects again. */
const retryMs = 1_000;
/** A browser does not notice by itself that nobody speaks any more; this comment is how it does. */
const heartbeatMs = 15_000;
/** Who does not read is let go, connects again, and gets one snapshot for all that it has missed. */
const maxBufferedBytes = 4 * 1024 * 1024;

/**
 * Server-sent events: a `snapshot` first, whatever the browser has seen before (so `Last-Event-ID` need not be looked at), and
 * then each `change`. https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function streamEvents(feed: Feed, response: ServerResponse): void {
  const send = (text: string): void => {
    if (response.writableEnded || response.destroyed) return;
    response.write(text);
    if (response.writableLength > maxBufferedBytes) response.destroy();
  };
  const event = (name: string, data: unknown): void => {
    // JSON has no line breaks of its own.
    send(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  send(`retry: ${String(retryMs)}\n\n`);
  event('snapshot', feed.snapshot());
  const unsubscribe = feed.subscribe((change) => {
    event('change', change);
  });
  const heartbeat = setInterval(() => {
    send(': still here\n\n');
  }, heartbeatMs);
  response.on('close', () => {
    clearInterval(heartbeat);
    unsubscribe();
  });
}
