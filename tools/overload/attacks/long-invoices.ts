import { setTimeout as delay } from 'node:timers/promises';
import { postRequest } from '../../bench/http-connection.js';
import { type Attack, USUAL_BOUNDS } from '../attack.js';
import { signedInvoices } from './invoices.js';
import { keepBusy, openAs, sendAndWait } from './send.js';

const CONNECTIONS = 20;
const LINES = 10_000;
const REQUESTS_PER_SECOND = 17;
/** Different invoices, sent in turn. */
const INVOICES = 60;

/** The longest invoices that are allowed, at a rate far below a till's limit. */
export const longInvoices: Attack = {
  name: 'long-invoices',
  description: `${CONNECTIONS} connections of one till send ${REQUESTS_PER_SECOND} invoices of ${LINES} lines a second in all`,
  terminals: 1,
  bounds: USUAL_BOUNDS,
  prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    const requests = signedInvoices(terminal, INVOICES, LINES).map((invoice) =>
      postRequest('localhost', '/v1/invoices', JSON.stringify({ invoice })),
    );
    let sent = 0;
    return Promise.resolve(async (signal: AbortSignal) => {
      const intervalMs = (CONNECTIONS / REQUESTS_PER_SECOND) * 1_000;
      await keepBusy(
        CONNECTIONS,
        signal,
        () => openAs(context, terminal),
        async (socket) => {
          const pause = delay(intervalMs, undefined, { signal }).catch(() => undefined);
          await sendAndWait(socket, requests[sent++ % INVOICES] ?? Buffer.alloc(0));
          await pause;
        },
      );
    });
  },
};
