import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

export type Bytes = string | Uint8Array;

export interface RawServer {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Says these bytes to whoever asks for something, whatever HTTP makes of them, and hangs up. @param how `reset`: by RST */
export async function startRawServer(
  parts: readonly Bytes[],
  how: 'end' | 'reset' = 'end',
): Promise<RawServer> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      for (const part of parts) socket.write(part);
      setTimeout(() => (how === 'end' ? socket.end() : socket.resetAndDestroy()), 10);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The beginning of an answer in HTTP/1.1. */
export function head(status: string, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

export function chunk(bytes: Bytes): Buffer {
  const length = Buffer.byteLength(bytes).toString(16);
  return Buffer.concat([Buffer.from(`${length}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
}
