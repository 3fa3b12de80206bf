import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { LIMITS } from '@tax-control/protocol';
import { HttpConnection, postRequest } from '../http-connection.js';
import type { Place } from '../place.js';

const HOST = 'localhost';

/** Each till tells of every invoice of its own that is on file, as real ones do after each sale. */
export async function uploadLogs({ local, terminals, authorityPem: ca }: Place, superuser: Client): Promise<void> {
  const { rows } = await superuser.query<{ terminal_id: string; entries: object[] }>(ENTRIES, [
    local.addresses.terminals,
  ]);
  for (const { terminal_id, entries } of rows) {
    const terminal = terminals.find(({ terminalId }) => terminalId === terminal_id);
    if (terminal === undefined) throw new Error(`${terminal_id} is no till of the bench`);
    const connection = await HttpConnection.open({
      host: '127.0.0.1',
      servername: HOST,
      port: Number(new URL(local.addresses.terminals).port),
      ca,
      key: terminal.keyPem,
      cert: terminal.certificatePem,
    });
    for (let from = 0; from < entries.length; from += LIMITS.logEntriesMax) {
      const list = entries.slice(from, from + LIMITS.logEntriesMax).map((entry) => ({ id: randomUUID(), ...entry }));
      const request = postRequest(HOST, '/v1/transaction-logs', JSON.stringify({ entries: list }));
      const { status, body } = await connection.send(request);
      if (status !== 200 || (JSON.parse(body) as { readonly new: number }).new !== list.length)
        throw new Error(`the log was answered ${status}: ${body.slice(0, 500)}`);
    }
    connection.close();
  }
}

const ENTRIES = `
SELECT terminal_id, json_agg(json_build_object(
  'at', to_char(issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'door', door, 'invoiceId', invoice_id, 'outcome', 'issued',
  'cause', NULL, 'detail', NULL, 'address', $1::text, 'connectMs', 2, 'tlsMs', 9, 'answerMs', 12, 'totalMs', 25
)) AS entries
FROM ledger GROUP BY terminal_id`;
