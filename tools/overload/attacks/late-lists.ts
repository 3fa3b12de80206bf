import { postRequest } from '../../bench/http-connection.js';
import { type Attack, USUAL_BOUNDS } from '../attack.js';
import { signedInvoices } from './invoices.js';
import { keepBusy, openAs, sendAndWait } from './send.js';

const CONNECTIONS = 40;
/** Different lists, sent in turn: what is on file already costs less. */
const LISTS = 4;
const INVOICES = 50;
/** 50 invoices of so many lines are 4.7 MB. */
const LINES = 430;

/** Long lists at the late door, all of one till. */
export const lateLists: Attack = {
  name: 'late-lists',
  description: `${CONNECTIONS} connections of one till send late lists of 4.7 MB to /v1/reissues`,
  terminals: 1,
  bounds: USUAL_BOUNDS,
  prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    const requests = Array.from({ length: LISTS }, () => {
      const invoices = signedInvoices(terminal, INVOICES, LINES);
      return postRequest('localhost', '/v1/reissues', JSON.stringify({ invoices }));
    });
    let sent = 0;
    return Promise.resolve((signal: AbortSignal) =>
      keepBusy(
        CONNECTIONS,
        signal,
        () => openAs(context, terminal),
        (socket) => sendAndWait(socket, requests[sent++ % LISTS] ?? Buffer.alloc(0)),
      ),
    );
  },
};
