import { randomUUID } from 'node:crypto';
import { postRequest } from '../../bench/http-connection.js';
import { type Attack, BOUNDS_OF_CROWDS } from '../attack.js';
import { keepBusy, openAs, sendAndWait } from './send.js';

const CONNECTIONS = 60;
const ENTRIES = 500;
/** 500 of these are 5.6 MB. */
const DETAIL_LENGTH = 11_000;

/** Full uploads of the transaction log with as long texts as fit into a body. */
export const logUploads: Attack = {
  name: 'log-uploads',
  description: `${CONNECTIONS} parallel uploads of the transaction log, 5.6 MB each, by one till`,
  terminals: 1,
  bounds: BOUNDS_OF_CROWDS,
  prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    const at = new Date().toISOString();
    const entry = { at, door: 'issue', invoiceId: randomUUID(), outcome: 'failed', cause: 'no_route' };
    const times = { address: null, connectMs: null, tlsMs: null, answerMs: null, totalMs: 1 };
    const detail = 'x'.repeat(DETAIL_LENGTH);
    const entries = Array.from({ length: ENTRIES }, () => ({ id: randomUUID(), ...entry, detail, ...times }));
    const request = postRequest('localhost', '/v1/transaction-logs', JSON.stringify({ entries }));
    return Promise.resolve((signal: AbortSignal) =>
      keepBusy(
        CONNECTIONS,
        signal,
        () => openAs(context, terminal),
        (socket) => sendAndWait(socket, request),
      ),
    );
  },
};
