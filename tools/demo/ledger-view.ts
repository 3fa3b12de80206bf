import { Client } from 'pg';
import { identityOf } from './count-outcomes.js';

/** What the database says of one invoice. */
export interface OnFile {
  readonly sequence: number;
  readonly code: string;
  readonly door: string;
}

/** The demo's look into the database, with the auditor's rights: it can read and nothing else. */
export class LedgerView {
  private constructor(private readonly client: Client) {}

  static async open(auditorUrl: string): Promise<LedgerView> {
    const client = new Client({ connectionString: auditorUrl });
    // Without a listener a lost connection would end the process; the next query reports it.
    client.on('error', () => {});
    await client.connect();
    return new LedgerView(client);
  }

  /** Null when the invoice has no code. */
  async find(invoiceId: string): Promise<OnFile | null> {
    const { rows } = await this.client.query<{ sequence: string; code: string; door: string }>(
      'SELECT sequence, code, door FROM ledger WHERE invoice_id = $1',
      [invoiceId],
    );
    return rows[0] === undefined ? null : { ...rows[0], sequence: Number(rows[0].sequence) };
  }

  /** All that has a code, as {@link identityOf} names it. */
  async identities(): Promise<ReadonlySet<string>> {
    const { rows } = await this.client.query<{ terminal_id: string; invoice_id: string }>(
      'SELECT terminal_id, invoice_id FROM ledger',
    );
    return new Set(rows.map((row) => identityOf({ terminalId: row.terminal_id, invoiceId: row.invoice_id })));
  }

  /** Number of the first invoice that a terminal had issued by the late door; null when there is none. */
  async firstReissue(terminalId: string): Promise<number | null> {
    const { rows } = await this.client.query<{ first: string | null }>(
      `SELECT min(sequence) AS first FROM ledger WHERE terminal_id = $1 AND door = 'reissue'`,
      [terminalId],
    );
    const first = rows[0]?.first ?? null;
    return first === null ? null : Number(first);
  }

  /** Most invoices that came in one request to the late door: they share terminal and time of registration. */
  async largestReissue(): Promise<number> {
    const { rows } = await this.client.query<{ largest: number | null }>(
      `SELECT max(invoices)::integer AS largest FROM (
         SELECT count(*) AS invoices FROM ledger WHERE door = 'reissue' GROUP BY terminal_id, registered_at
       ) AS request`,
    );
    return rows[0]?.largest ?? 0;
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
