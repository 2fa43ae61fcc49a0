import { once } from 'node:events';
import type { Server } from 'node:http';

/**
 * Nobody but this machine can reach it.
 * @param port 0 for any that is free
 * @returns the origin, `http://127.0.0.1:PORT`
 */
export async function listen(server: Server, port = 0): Promise<string> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return `http://127.0.0.1:${String(address.port)}`;
}

/** Also ends connections that clients keep alive. */
export async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.close((error) => {
      if (error) reject(error);
      else resolve();
    });
    server.closeAllConnections();
  });
}
