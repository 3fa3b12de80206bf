import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
/**
 * Systems give higher ports (from 32768 on Linux, from 49152 elsewhere) to connections and to listeners that name no port. If a
 * server is to listen later, or again, such a port is soon somebody else's: on a busy machine, 2 of 6 runs failed for it.
 */
const FIRST_PORT = 20_000;
/** From 30000 on Kubernetes has ports of its own. */
const LAST_PORT = 29_999;
/** So many taken ports in a row mean that there is another reason. */
const TRIES = 100;

/**
 * This process takes one port after the other, from a place of its own: a port that it gave away comes again after 10,000 others. By lot for each
 * one, another process once took the port of a server that was just starting again.
 */
let next = randomInt(LAST_PORT - FIRST_PORT + 1);

/** A port on loopback for a server that begins to listen later, or listens again after a stop. */
export async function choosePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = FIRST_PORT + next;
    next = (next + 1) % (LAST_PORT - FIRST_PORT + 1);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`None of ${TRIES} ports from ${FIRST_PORT} to ${LAST_PORT} is free.`);
}

/** Whether we could listen there just now. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, LOOPBACK);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
