import { once, setMaxListeners } from 'node:events';
import { connect } from 'node:tls';
import { type Attack, type AttackContext, BOUNDS_OF_CROWDS } from '../attack.js';

/** What one address may open at the public listener of a server with little memory. */
const CONNECTIONS = 75;
/** Sent at once on each of them. */
const REQUESTS = 32;
/** The longest answers that anybody may have. */
const PATHS = ['/docs/swagger-ui-bundle.js', '/openapi.json'];

/** A stranger asks for long answers and reads none of them. */
export const unreadAnswers: Attack = {
  name: 'unread-answers',
  description: `a stranger asks ${REQUESTS} times on each of ${CONNECTIONS} connections for long answers and reads nothing`,
  terminals: 0,
  bounds: BOUNDS_OF_CROWDS,
  prepare: (context) => Promise.resolve((signal) => attack(context, signal)),
};

async function attack({ host, ports, authorityPem: ca }: AttackContext, signal: AbortSignal): Promise<void> {
  setMaxListeners(0, signal);
  for (let index = 0; index < CONNECTIONS && !signal.aborted; index += 1) {
    const path = PATHS[index % PATHS.length];
    const socket = connect({ host, port: ports.public, servername: 'localhost', ca, rejectUnauthorized: false });
    socket.on('error', () => undefined);
    socket.pause();
    await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(REQUESTS));
    signal.addEventListener('abort', () => socket.destroy());
  }
  if (!signal.aborted) await once(signal, 'abort');
}
