import type { IncomingMessage } from 'node:http';

const ourHosts = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

/**
 * Whether a request names this machine by a name that nobody else can give it. Any other name may be one of a web page's own
 * that leads to 127.0.0.1 (DNS rebinding), and a browser would let that page read the answer. The port is not compared: it
 * may be forwarded.
 */
export function namesThisMachine({ headers }: IncomingMessage): boolean {
  return headers.host !== undefined && ourHosts.test(headers.host);
}
