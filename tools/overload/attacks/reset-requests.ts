import { once, setMaxListeners } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { postRequest } from '../../bench/http-connection.js';
import { type Attack, BOUNDS_OF_CROWDS } from '../attack.js';
import { signedInvoices } from './invoices.js';

const CONNECTIONS = 20;
const LINES = 21;
const INVOICES = 40;
/** Of a request that is sent before the reset: within the head, within the body, all of it (the answer finds nobody). */
const SHARES = [0.02, 0.5, 1];
/** Between two connections of one lane: handshakes are dear, and resets are what is tried. */
const PAUSE_MS = 100;

/** Connections that are reset (RST) in the middle of a request, or before its answer. */
export const resetRequests: Attack = {
  name: 'reset-requests',
  description: `${CONNECTIONS} lanes of a till reset connections within the head, within the body and before the answer`,
  terminals: 1,
  bounds: BOUNDS_OF_CROWDS,
  prepare({ host, ports, authorityPem: ca, terminals }) {
    const [terminal] = terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    const { keyPem: key, certificatePem: cert } = terminal;
    const requests = signedInvoices(terminal, INVOICES, LINES).map((invoice) =>
      postRequest('localhost', '/v1/invoices', JSON.stringify({ invoice })),
    );
    let sent = 0;
    const breakOff = async (request: Buffer): Promise<void> => {
      const plain = connectPlain({ host, port: ports.terminals });
      plain.on('error', () => undefined);
      const socket = connect({ socket: plain, servername: 'localhost', ca, key, cert });
      socket.on('error', () => undefined);
      await Promise.race([once(socket, 'secureConnect'), once(socket, 'close')]).catch(() => undefined);
      if (!socket.destroyed)
        await new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.write(request, () => resolve());
        });
      // TLS has no reset of its own; the connection below it has.
      plain.resetAndDestroy();
    };
    return Promise.resolve(async (signal: AbortSignal) => {
      setMaxListeners(0, signal);
      const lane = async (): Promise<void> => {
        while (!signal.aborted) {
          const number = sent++;
          const request = requests[number % INVOICES] ?? Buffer.alloc(0);
          const share = SHARES[number % SHARES.length] ?? 1;
          await breakOff(request.subarray(0, Math.ceil(request.length * share)));
          await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, lane));
    });
  },
};
