import { setTimeout as delay } from 'node:timers/promises';
import { postRequest } from '../../bench/http-connection.js';
import { type Attack, BOUNDS_OF_CROWDS } from '../attack.js';
import { signedInvoices } from './invoices.js';
import { keepBusy, openAs } from './send.js';

const CONNECTIONS = 100;
/** Slow enough that no request is whole while the attack goes on, fast enough that no connection counts as idle. */
const BYTE_EVERY_MS = 100;
const LINES = 21;
/** Of the request: half of the connections are slow from the first byte on, the others within the body. */
const BODY_SHARE = 0.5;

/** Requests that come byte by byte. */
export const slowRequests: Attack = {
  name: 'slow-requests',
  description: `${CONNECTIONS} connections of a till send a byte every ${BYTE_EVERY_MS} ms, of the head or of the body`,
  terminals: 1,
  bounds: BOUNDS_OF_CROWDS,
  prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    const [invoice = ''] = signedInvoices(terminal, 1, LINES);
    const request = postRequest('localhost', '/v1/invoices', JSON.stringify({ invoice }));
    return Promise.resolve((signal: AbortSignal) =>
      keepBusy(
        CONNECTIONS,
        signal,
        () => openAs(context, terminal),
        async (socket, connection) => {
          let sent = connection % 2 === 0 ? 0 : Math.floor(request.length * BODY_SHARE);
          socket.write(request.subarray(0, sent));
          for (; sent < request.length && !socket.destroyed; sent += 1) {
            socket.write(request.subarray(sent, sent + 1));
            await delay(BYTE_EVERY_MS, undefined, { signal }).catch(() => undefined);
          }
        },
      ),
    );
  },
};
