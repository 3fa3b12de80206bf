import { setTimeout as delay } from 'node:timers/promises';
import { postRequest } from '../../bench/http-connection.js';
import { type Attack, USUAL_BOUNDS } from '../attack.js';
import { signedInvoices } from './invoices.js';
import { keepBusy, openAs, sendAndWait } from './send.js';

const CONNECTIONS = 10;
const INVOICES = 30;
const LINES = 21;
/** No till makes 50 wrong invoices a second. */
const PAUSE_MS = 200;

/** Invoices that are signed well and reckoned wrong: each is refused, and kept with its cause. */
export const refusedInvoices: Attack = {
  name: 'refused-invoices',
  description: `${CONNECTIONS} connections of a till send ${INVOICES} invoices with wrong totals, again and again`,
  terminals: 1,
  bounds: USUAL_BOUNDS,
  prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    const requests = signedInvoices(terminal, INVOICES, LINES, { total: 1 }).map((invoice) =>
      postRequest('localhost', '/v1/invoices', JSON.stringify({ invoice })),
    );
    let sent = 0;
    return Promise.resolve((signal: AbortSignal) =>
      keepBusy(
        CONNECTIONS,
        signal,
        () => openAs(context, terminal),
        async (socket) => {
          await sendAndWait(socket, requests[sent++ % INVOICES] ?? Buffer.alloc(0));
          await delay(PAUSE_MS, undefined, { signal }).catch(() => undefined);
        },
      ),
    );
  },
};
