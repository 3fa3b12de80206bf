import { once, setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import type { BenchTerminal } from '../../bench/terminals.js';
import type { AttackContext } from '../attack.js';

/** Between two connections of one attacker: it hurts, and leaves the machine to the server. */
const RECONNECT_PAUSE_MS = 200;

/** Opens a connection as one of the attacker's terminals; null when the server does not let it. */
export async function openAs(
  { host, ports, authorityPem: ca }: AttackContext,
  { keyPem: key, certificatePem: cert }: BenchTerminal,
): Promise<TLSSocket | null> {
  const socket = connect({ host, servername: 'localhost', port: ports.terminals, ca, key, cert });
  socket.on('error', () => undefined);
  socket.resume();
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => undefined);
  return socket.authorized && !socket.destroyed ? socket : null;
}

/**
 * Keeps so many connections busy with an exchange until the signal comes; one that breaks is opened again.
 *
 * @param exchange one request; it resolves when the connection is free for the next
 */
export async function keepBusy(
  connections: number,
  signal: AbortSignal,
  open: () => Promise<TLSSocket | null>,
  exchange: (socket: TLSSocket, connection: number) => Promise<void>,
): Promise<void> {
  setMaxListeners(0, signal);
  const lane = async (connection: number): Promise<void> => {
    while (!signal.aborted) {
      const socket = await open();
      if (socket !== null) {
        const end = (): void => void socket.destroy();
        signal.addEventListener('abort', end);
        while (!signal.aborted && !socket.destroyed) await exchange(socket, connection);
        signal.removeEventListener('abort', end);
      }
      await delay(RECONNECT_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: connections }, (_, connection) => lane(connection)));
}

/** Sends a request and waits for the beginning of its answer, or for the end of the connection. */
export async function sendAndWait(socket: TLSSocket, request: Buffer): Promise<void> {
  const over = new AbortController();
  const closed = once(socket, 'close', { signal: over.signal });
  const answered = once(socket, 'data', { signal: over.signal });
  socket.write(request);
  await Promise.race([closed, answered]).catch(() => undefined);
  over.abort();
  await Promise.allSettled([closed, answered]);
}
