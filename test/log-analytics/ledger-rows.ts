import { createHash, randomUUID } from 'node:crypto';
import { checkDigits, type Door, type InvoiceKind, type InvoiceType, type WarningCode } from '@tax-control/protocol';
import type { ClientBase } from 'pg';

/** What of an invoice matters to statistics. */
export interface InvoiceFacts {
  readonly terminalId: string;
  readonly invoiceId?: string | null | undefined;
  readonly issuedAt: Date;
  readonly door: Door;
  /** Seconds from sale to code. */
  readonly waitedSeconds: number;
  /** It counts when it was registered. */
  readonly isDoubted?: boolean;
  readonly type: InvoiceType;
  readonly kind: InvoiceKind;
  readonly currency: string;
  readonly total: number;
  readonly taxes: readonly { category: string; rate: string; base: number; amount: number }[];
  readonly warnings: readonly WarningCode[];
}

/** A sale of one rate, for who needs no other. */
export const SALE: InvoiceFacts = {
  terminalId: 'north-1',
  issuedAt: new Date('2026-11-20T10:20:30Z'),
  door: 'issue',
  waitedSeconds: 1,
  type: 'normal',
  kind: 'sale',
  currency: 'GBP',
  total: 120,
  taxes: [{ category: 'standard', rate: '20.00', base: 100, amount: 20 }],
  warnings: [],
};

/** Places for tills, each in premises of its own region and taxpayer; as superuser. */
export async function registerTills(superuser: Pick<ClientBase, 'query'>, tills: readonly TillPlace[]): Promise<void> {
  for (const { terminalId, premisesId, taxpayerId, region } of tills) {
    await superuser.query(`INSERT INTO taxpayer (taxpayer_id, name) VALUES ($1, 'Chain') ON CONFLICT DO NOTHING`, [
      taxpayerId,
    ]);
    await superuser.query(
      `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
       VALUES ($1, $2, 'Shop', $3, 'Grocery', 'High Street 1') ON CONFLICT DO NOTHING`,
      [premisesId, taxpayerId, region],
    );
    await superuser.query('INSERT INTO terminal (terminal_id, premises_id, taxpayer_id) VALUES ($1, $2, $3)', [
      terminalId,
      premisesId,
      taxpayerId,
    ]);
  }
}

export interface TillPlace {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly taxpayerId: string;
  readonly region: string;
}

/**
 * Writes ledger, content, tax and warnings of an invoice as issuance does, number taken from the sequence, but signed by nobody: statistics look at
 * no signature. Every other one is as of a version that left tax in the content alone.
 */
export async function insertInvoice(client: Pick<ClientBase, 'query'>, facts: InvoiceFacts): Promise<void> {
  const { rows } = await client.query<{ sequence: string }>(`SELECT nextval('tax_control_number_test') AS sequence`);
  const sequence = rows[0]?.sequence ?? '';
  const payload = Buffer.from(JSON.stringify({ description: 'Tea \\ "ä" \u{1F375}', taxes: facts.taxes }));
  const body = `${sequence}000000`;
  const registeredAt = new Date(facts.issuedAt.getTime() + facts.waitedSeconds * 1_000);
  // A test of migrations writes rows of a version before that column.
  const [countedColumn, countedValue] =
    facts.isDoubted === true ? [', counted_at', `, date_trunc('second', $13::timestamptz)`] : ['', ''];
  await client.query(
    `INSERT INTO ledger (sequence, code, terminal_id, invoice_id, digest, taxpayer_id, premises_id, journal_id, counter, type, kind,
                         number, issued_at, business_day, currency, total, door, registered_at, receipt_key, receipt_signature${countedColumn})
     SELECT $1, $2, terminal_id, $4, $5, taxpayer_id, premises_id, $6, 1, $7, $8, '1', $9::timestamptz, $9::date, $10, $11, $12, $13, 'key',
            decode(repeat('00', 64), 'hex')${countedValue}
     FROM terminal WHERE terminal_id = $3`,
    [
      sequence,
      `${body}${checkDigits(body)}`,
      facts.terminalId,
      facts.invoiceId ?? randomUUID(),
      createHash('sha256').update(payload).digest(),
      randomUUID(),
      facts.type,
      facts.kind,
      facts.issuedAt,
      facts.currency,
      facts.total,
      facts.door,
      registeredAt,
    ],
  );
  await client.query(
    `INSERT INTO content (sequence, registered_at, payload, signature, signer)
     VALUES ($1, $2, $3, decode(repeat('00', 64), 'hex'), 'signer')`,
    [sequence, registeredAt, payload],
  );
  const isFiscal = facts.type === 'normal' || facts.type === 'advance';
  for (const { category, rate, base, amount } of isFiscal && Number(sequence) % 2 === 0 ? facts.taxes : []) {
    await client.query('INSERT INTO ledger_tax (sequence, category, rate, base, amount) VALUES ($1, $2, $3, $4, $5)', [
      sequence,
      category,
      String(Number(rate)),
      base,
      amount,
    ]);
  }
  for (const warning of facts.warnings) {
    await client.query(`INSERT INTO invoice_warning (sequence, warning, detail) VALUES ($1, $2, '')`, [
      sequence,
      warning,
    ]);
  }
}

/** What a refused invoice leaves behind. */
export interface RefusalFacts {
  readonly terminalId: string;
  readonly invoiceId?: string | null;
  readonly door: Door;
  readonly cause: string;
  readonly refusedAt: Date;
}

export async function insertRefusal(client: Pick<ClientBase, 'query'>, facts: RefusalFacts): Promise<void> {
  const body = Buffer.from(randomUUID());
  await client.query(
    `INSERT INTO refused_invoice (terminal_id, digest, body, cause, detail, invoice_id, door, refused_at)
     VALUES ($1, $2, $3, $4, '', $5, $6, $7)`,
    [
      facts.terminalId,
      createHash('sha256').update(body).digest(),
      body,
      facts.cause,
      facts.invoiceId ?? null,
      facts.door,
      facts.refusedAt,
    ],
  );
}

/** What a till's log says of an attempt. */
export interface EntryFacts {
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly at: Date;
  readonly door: Door;
  readonly outcome: string;
  readonly cause?: string;
}

export async function insertEntry(client: Pick<ClientBase, 'query'>, facts: EntryFacts): Promise<void> {
  await client.query(
    `INSERT INTO transaction_log_entry (terminal_id, entry_id, at, door, invoice_id, outcome, cause)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [facts.terminalId, randomUUID(), facts.at, facts.door, facts.invoiceId, facts.outcome, facts.cause ?? null],
  );
}
