import { once } from 'node:events';
import type { Server } from 'node:http';

/** @returns the origin, `http://127.0.0.1:PORT`. Nobody but this machine can reach it. */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
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
