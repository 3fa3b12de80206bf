import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect } from 'node:tls';
import { isIssuedBy, peerCertificate } from '@tax-control/protocol';
import type { ListenerAddress, ListenerSettings } from '../../configuration/settings.js';
import { listenFault } from '../../http/listen-fault.js';
import { LISTENER_NAMES, type ListenerName } from '../../http/listener.js';
import type { KeyRing } from '../../keys/key-ring.js';
import { check, failed, type Finding, ok } from './check.js';

/** A server on this machine answers in milliseconds; who does not is not ours. */
const ANSWER_TIMEOUT_MS = 2_000;

const LISTENERS: Readonly<Record<ListenerName, string>> = {
  terminals: 'the terminals’ listener',
  public: 'the public listener',
  operator: 'the operator’s listener',
};

/** Whether the listeners could be opened, or are: by a server with these very keys. */
export const portsCheck = check({
  name: 'ports',
  needs: ['settings'],
  look: ({ settings, keys }) => Promise.all(LISTENER_NAMES.map((name) => look(name, settings.listeners, keys))),
});

async function look(name: ListenerName, listeners: ListenerSettings, keys: KeyRing | undefined): Promise<Finding> {
  const address = listeners[name];
  if (address.port === 0) return ok(`${LISTENERS[name]}: the operating system will choose a port.`);
  const error = await bindingError(address);
  if (error === null) return ok(`Port ${address.port} of ${LISTENERS[name]} is free.`);
  if (error.code === 'EADDRINUSE') {
    if (name !== 'operator' && keys === undefined)
      return {
        status: 'skipped',
        seen: `Port ${address.port} of ${LISTENERS[name]} is taken; whether by this very server cannot be told, because the keys cannot be loaded.`,
      };
    if (await isOurs(name, address, keys))
      return ok(`Port ${address.port} of ${LISTENERS[name]} is taken by this very server, which answers.`);
  }
  const { seen, advice } = listenFault(name, address, error);
  return failed(seen, advice);
}

/** Listens for a moment; null: that went well. */
async function bindingError({ host, port }: ListenerAddress): Promise<NodeJS.ErrnoException | null> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
  server.close();
  await once(server, 'close');
  return null;
}

async function isOurs(name: ListenerName, address: ListenerAddress, keys: KeyRing | undefined): Promise<boolean> {
  if (name === 'operator') return answersLive(address);
  if (keys === undefined) return false;
  const shown = await shownCertificate(address);
  if (shown === null) return false;
  // What the terminals' listener shows is made by each server itself.
  if (name === 'terminals') return isIssuedBy(shown, [], keys.authorities());
  return shown.fingerprint256 === new X509Certificate(keys.publicListener().cert).fingerprint256;
}

async function answersLive(address: ListenerAddress): Promise<boolean> {
  try {
    const host = reachable(address.host);
    const answer = await fetch(`http://${host.includes(':') ? `[${host}]` : host}:${address.port}/health/live`, {
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return ((await answer.json()) as { readonly status?: unknown }).status === 'live';
  } catch {
    return false;
  }
}

/** The certificate that whoever listens there shows; null if it shows none. */
async function shownCertificate({ host, port }: ListenerAddress): Promise<X509Certificate | null> {
  const socket = connect({ host: reachable(host), port, rejectUnauthorized: false, timeout: ANSWER_TIMEOUT_MS });
  socket.once('timeout', () => socket.destroy(new Error('no answer')));
  try {
    await once(socket, 'secureConnect');
    return peerCertificate(socket);
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}

/** Who listens on all addresses is reached by loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
