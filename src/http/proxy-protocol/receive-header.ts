import type { Socket } from 'node:net';
import { clientAddress } from './client-address.js';
import { readProxyHeader } from './header.js';
import type { HeaderReading, ProxiedClient } from './header-reading.js';

/** A balancer sends the header before anything else, at once; three seconds leave room for one lost packet or two. */
const HEADER_TIMEOUT_MS = 3_000;

/** `why`: null for a connection that ended before its first byte, as a balancer's health check does. */
export type Received =
  { readonly ok: true; readonly client: ProxiedClient | null } | { readonly ok: false; readonly why: string | null };

/**
 * Reads the header of a connection, in bounded bytes and time; what follows it is left in the socket for who comes next.
 * Calls back exactly once, and not within this call.
 */
export function receiveHeader(socket: Socket, done: (received: Received) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const finish = (received: Received): void => {
    clearTimeout(timer);
    socket.off('readable', take).off('end', fail).off('close', fail).off('error', ignore);
    done(received);
  };
  const fail = (): void =>
    finish({ ok: false, why: bytes.length === 0 ? null : 'it ended within its PROXY protocol header' });
  const take = (): void => {
    let reading: HeaderReading = { kind: 'incomplete' };
    while (reading.kind === 'incomplete') {
      // From Node.js 26 on one read gives one chunk, not all that has come.
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      bytes = Buffer.concat([bytes, chunk]);
      reading = readProxyHeader(bytes);
    }
    if (reading.kind === 'invalid') return finish({ ok: false, why: reading.why });
    if (bytes.length > reading.length) socket.unshift(bytes.subarray(reading.length));
    const client = reading.client && { ...reading.client, address: clientAddress(reading.client.address) };
    finish({ ok: true, client });
  };
  const timer = setTimeout(
    () => finish({ ok: false, why: `its PROXY protocol header did not come within ${HEADER_TIMEOUT_MS} ms` }),
    HEADER_TIMEOUT_MS,
  );
  socket.on('readable', take).on('end', fail).on('close', fail).on('error', ignore);
}

/** Its end follows. */
function ignore(): void {}
