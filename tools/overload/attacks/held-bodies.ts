import { once } from 'node:events';
import { Client } from 'pg';
import { type Attack, BOUNDS_OF_CROWDS } from '../attack.js';
import { keepBusy, openAs } from './send.js';

const CONNECTIONS = 120;
const BODY_BYTES = 5_900_000;

/** Bodies that are sent but for their last byte, by a till that was revoked. */
export const heldBodies: Attack = {
  name: 'held-bodies',
  description: `${CONNECTIONS} connections of a revoked till each send all but one byte of ${BODY_BYTES} to /v1/invoices`,
  terminals: 1,
  bounds: BOUNDS_OF_CROWDS,
  async prepare(context) {
    const [terminal] = context.terminals;
    if (terminal === undefined) throw new Error('the attack needs a terminal');
    await revoke(context.superuserUrl, terminal.terminalId);
    const head = `POST /v1/invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`;
    const request = Buffer.concat([Buffer.from(head), Buffer.alloc(BODY_BYTES - 1, 'x')]);
    return (signal) =>
      keepBusy(
        CONNECTIONS,
        signal,
        () => openAs(context, terminal),
        async (socket) => {
          socket.write(request);
          await once(socket, 'close').catch(() => undefined);
        },
      );
  },
};

async function revoke(superuserUrl: string, terminalId: string): Promise<void> {
  const client = new Client({ connectionString: superuserUrl });
  await client.connect();
  await client.query(`UPDATE terminal SET status = 'revoked' WHERE terminal_id = $1`, [terminalId]);
  await client.end();
}
