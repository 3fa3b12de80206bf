import { once, setMaxListeners } from 'node:events';
import { connect } from 'node:net';
import { type Attack, type AttackContext, BOUNDS_OF_CROWDS } from '../attack.js';
import { keepBusy, openAs } from './send.js';

/** Together fewer than a server of 512 MiB lets in, so that each of them stays open. */
const WITHOUT_HANDSHAKE = 150;
const WITHOUT_REQUEST = 150;

/** Connections that say nothing: half of them before the handshake, half of them after it. */
export const idleConnections: Attack = {
  name: 'idle-connections',
  description: `${WITHOUT_HANDSHAKE} connections send no handshake, ${WITHOUT_REQUEST} of a till no request`,
  terminals: 1,
  bounds: BOUNDS_OF_CROWDS,
  prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    return Promise.resolve(async (signal: AbortSignal) => {
      setMaxListeners(0, signal);
      const silent = Array.from({ length: WITHOUT_HANDSHAKE }, () => staySilent(context, signal));
      const idle = keepBusy(
        WITHOUT_REQUEST,
        signal,
        () => openAs(context, terminal),
        async (socket) => void (await once(socket, 'close').catch(() => undefined)),
      );
      await Promise.all([...silent, idle]);
    });
  },
};

async function staySilent({ host, ports }: AttackContext, signal: AbortSignal): Promise<void> {
  const socket = connect({ host, port: ports.terminals });
  socket.on('error', () => undefined);
  socket.resume();
  const closed = once(socket, 'close');
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  await closed.catch(() => undefined);
}
