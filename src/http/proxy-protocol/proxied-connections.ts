import type { Server as HttpsServer } from 'node:https';
import type { BlockList, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Log } from '../../observability/log.js';
import { Throttle } from '../../observability/throttle.js';
import type { ProxiedClient } from './header-reading.js';
import { receiveHeader } from './receive-header.js';

/** One line a minute for each cause: a balancer that is set up wrongly fails with every connection. */
const LOG_INTERVAL_MS = 60_000;

type ConnectionListener = (socket: Socket) => void;

/**
 * Takes the PROXY protocol header off each connection that comes from one of the named networks, before TLS begins, and
 * gives the connection the address of the client that it names. From there the header is required: a connection without one
 * is closed. What comes from anybody else is handed on as it is, so that nobody can make up an address.
 *
 * To be called before anybody else listens for connections of this server.
 *
 * @param admit told of each connection whose it is, before TLS begins; null: a balancer that names no client
 */
export function expectProxyHeaders(
  server: HttpsServer,
  from: BlockList,
  log: Log,
  admit: (socket: Socket, client: string | null) => void,
): void {
  const clients = new Map<string, ProxiedClient>();
  const throttle = new Throttle(LOG_INTERVAL_MS);
  const report = (why: string, { remoteAddress }: Socket): void => {
    const suppressed = throttle.pass(why);
    if (suppressed !== null)
      log.warn('a connection of a balancer was closed', { why, from: remoteAddress, suppressed });
  };
  const beginTls = server.listeners('connection') as ConnectionListener[];
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const hand = (client: string | null): void => {
      admit(socket, client);
      for (const listener of beginTls) listener.call(server, socket);
    };
    if (!isFrom(from, socket)) return hand(socket.remoteAddress ?? '');
    receiveHeader(socket, (received) => {
      if (received.ok) {
        if (received.client !== null) remember(clients, socket, received.client);
        return hand(received.client?.address ?? null);
      }
      socket.destroy();
      if (received.why !== null) report(received.why, socket);
    });
  });
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const client = clients.get(nameOf(socket));
    if (client === undefined) return;
    // What Fastify's `request.ip`, and whoever asks the socket, are told from now on.
    Object.defineProperties(socket, { remoteAddress: { value: client.address }, remotePort: { value: client.port } });
  });
}

function isFrom(networks: BlockList, { remoteAddress, remoteFamily }: Socket): boolean {
  return remoteAddress !== undefined && networks.check(remoteAddress, remoteFamily === 'IPv6' ? 'ipv6' : 'ipv4');
}

function remember(clients: Map<string, ProxiedClient>, socket: Socket, client: ProxiedClient): void {
  const name = nameOf(socket);
  clients.set(name, client);
  socket.once('close', () => clients.delete(name));
}

/** Both ends of a connection, which no two open ones share; TLS's socket and the one below it have the same. */
function nameOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
