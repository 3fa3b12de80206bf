import { postRequest } from '../../bench/http-connection.js';
import { type Attack, USUAL_BOUNDS } from '../attack.js';
import { signedInvoices } from './invoices.js';
import { keepBusy, openAs, sendAndWait } from './send.js';

const CONNECTIONS = 24;
const BODY_BYTES = 5_900_000;

/** Bodies that are refused once they are read: too long, no JSON, a wrong signature, unknown members. */
export const refusedBodies: Attack = {
  name: 'refused-bodies',
  description: `${CONNECTIONS} connections of one till send bodies of ${BODY_BYTES} bytes that are refused`,
  terminals: 1,
  bounds: USUAL_BOUNDS,
  prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    const [valid = ''] = signedInvoices(terminal, 1, 10_000);
    const filler = 'x'.repeat(BODY_BYTES - 100);
    const post = (body: string): Buffer => postRequest('localhost', '/v1/invoices', body);
    const requests = [
      post(JSON.stringify({ invoice: filler })),
      post(filler),
      // The signature's first character is another one.
      post(JSON.stringify({ invoice: valid.replace(/\.[^.]([^.]*)$/, '.-$1') })),
      post(JSON.stringify({ invoice: 'x', filler })),
    ];
    let sent = 0;
    return Promise.resolve((signal: AbortSignal) =>
      keepBusy(
        CONNECTIONS,
        signal,
        () => openAs(context, terminal),
        (socket) => sendAndWait(socket, requests[sent++ % requests.length] ?? Buffer.alloc(0)),
      ),
    );
  },
};
