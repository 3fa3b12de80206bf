import { once } from 'node:events';
import { createServer } from 'node:net';
import { isErrno } from './process-identity.js';

/** Everything of ours for trying out listens here only. */
export const LOOPBACK = '127.0.0.1';

/** A port that nobody listened on a moment ago; somebody may take it before we do. */
export async function choosePort(): Promise<number> {
  const server = createServer().listen(0, LOOPBACK);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no port to listen on.');
  return address.port;
}

/** Whether we could listen there just now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (isErrno(error, 'EADDRINUSE')) return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
