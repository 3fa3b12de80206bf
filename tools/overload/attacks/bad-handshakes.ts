import { randomBytes } from 'node:crypto';
import { once, setMaxListeners } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Attack, type AttackContext, BOUNDS_OF_CROWDS } from '../attack.js';

const CONNECTIONS = 30;
/** How long a lane lets the server answer what it sent. */
const ANSWER_MS = 200;
const GARBAGE_BYTES = 2_000;
/** A record of a handshake, version 3.1, 512 bytes; in it a ClientHello of 508 bytes, of which only the version follows (RFC 8446, 4.1.2 and 5.1). */
const BEGINNING_OF_HELLO = Buffer.from('1603010200010001fc0303', 'hex');
/** An alert of a fatal kind, close to nothing (RFC 8446, 6). */
const ALERT = Buffer.from('15030300020228', 'hex');

const OPENINGS: readonly (() => Buffer)[] = [
  () => randomBytes(GARBAGE_BYTES),
  () => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
  () => BEGINNING_OF_HELLO,
  () => Buffer.concat([BEGINNING_OF_HELLO, randomBytes(508)]),
  () => ALERT,
];

/** A stranger that does not speak TLS, at both listeners that do. */
export const badHandshakes: Attack = {
  name: 'bad-handshakes',
  description: `${CONNECTIONS} lanes of a stranger send garbage, plain HTTP, half a ClientHello and alerts as handshakes`,
  terminals: 0,
  bounds: BOUNDS_OF_CROWDS,
  prepare: (context) => Promise.resolve((signal) => attack(context, signal)),
};

async function attack({ host, ports }: AttackContext, signal: AbortSignal): Promise<void> {
  setMaxListeners(0, signal);
  let tried = 0;
  const lane = async (): Promise<void> => {
    while (!signal.aborted) {
      const number = tried++;
      const port = number % 2 === 0 ? ports.terminals : ports.public;
      const opening = OPENINGS[Math.floor(number / 2) % OPENINGS.length] ?? (() => ALERT);
      await sayNonsense(connectPlain({ host, port }), opening(), signal);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
}

async function sayNonsense(socket: Socket, opening: Buffer, signal: AbortSignal): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  socket.write(opening);
  const over = new AbortController();
  const end = (): void => over.abort();
  signal.addEventListener('abort', end, { once: true });
  const closed = once(socket, 'close', { signal: over.signal }).catch(() => undefined);
  await delay(ANSWER_MS, undefined, { signal: over.signal }).catch(() => undefined);
  over.abort();
  await closed;
  signal.removeEventListener('abort', end);
  socket.resetAndDestroy();
}
