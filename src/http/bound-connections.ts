import type { Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { addressKey } from '../configuration/address-key.js';

/** From this share of the bound on, connections that only wait for a next request are closed: their clients open others when they need them. */
const CROWDED_SHARE = 0.8;
/** Between two such closings; a client that comes back at once pays a handshake for each. */
const SHED_INTERVAL_MS = 1_000;

/**
 * Bounds the open connections of a server, because each of them takes memory whether it asks for something or not. One address may have as
 * many as are still free for the others: the first half of all, two a third each, and so on, so that somebody else always finds room
 * (dynamic thresholds: Choudhury and Hahne, 1998).
 *
 * @param max of all; more are closed as soon as they are accepted
 * @param boundsAddresses whether addresses are told apart; not where balancers connect for everybody
 */
export function boundConnections(server: Server | HttpsServer, max: number, boundsAddresses: boolean): void {
  server.maxConnections = max;
  const open = new Map<string, number>();
  let count = 0;
  let shedAt = -Infinity;
  server.prependListener('connection', (socket: Socket) => {
    const address = addressKey(socket.remoteAddress ?? '');
    const ofAddress = (open.get(address) ?? 0) + 1;
    count += 1;
    open.set(address, ofAddress);
    socket.once('close', () => {
      count -= 1;
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    // Not before the others that listen to this event have taken it over.
    if (boundsAddresses && ofAddress > max - count) setImmediate(() => socket.destroy());
    if (count <= max * CROWDED_SHARE || performance.now() - shedAt < SHED_INTERVAL_MS) return;
    shedAt = performance.now();
    server.closeIdleConnections();
  });
}
