import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import { postRequest } from '../../bench/http-connection.js';
import { type Attack, type AttackContext, BOUNDS_OF_CROWDS } from '../attack.js';
import { keepBusy, sendAndWait } from './send.js';

const CONNECTIONS = 20;
/** Names of officials that there are not. A password is reckoned for each of them, so that nobody learns who there is. */
const NAMES = 50;
const PAUSE_MS = 50;

/** A stranger guesses passwords of the console. */
export const wrongSignIns: Attack = {
  name: 'wrong-sign-ins',
  description: `${CONNECTIONS} connections of a stranger sign in to the console with wrong passwords`,
  terminals: 0,
  bounds: BOUNDS_OF_CROWDS,
  prepare(context) {
    const requests = Array.from({ length: NAMES }, (_, index) =>
      postRequest(
        'localhost',
        '/v1/console/session',
        JSON.stringify({ name: `official-${index}`, password: `a wrong password ${index}` }),
      ),
    );
    let sent = 0;
    return Promise.resolve((signal: AbortSignal) =>
      keepBusy(
        CONNECTIONS,
        signal,
        () => openAsStranger(context),
        async (socket) => {
          await sendAndWait(socket, requests[sent++ % NAMES] ?? Buffer.alloc(0));
          await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
        },
      ),
    );
  },
};

async function openAsStranger({ host, ports }: AttackContext): Promise<TLSSocket | null> {
  const socket = connect({ host, port: ports.public, servername: 'localhost', rejectUnauthorized: false });
  socket.on('error', () => undefined);
  socket.resume();
  await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => undefined);
  return socket.destroyed ? null : socket;
}
