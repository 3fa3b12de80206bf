import { createHash, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Place, Places } from '../../src/log-analytics/incidents/failure.js';
import { PinoLog } from '../../src/observability/pino-log.js';
import { KeptTables } from '../../src/log-analytics/kept/kept-tables.js';
import { createTestDatabase } from '../support/database.js';
import { testPool } from '../support/pool.js';
import type { GeneratedAttempt } from './generated-outages.js';

/** A database with kept tables, filled by hand: what tills and issuance would have written, without their ceremony. */
export interface FactsGround {
  /** As the server's role, whose grants are tried along. */
  readonly server: Pool;
  readonly superuser: Pool;
  readonly kept: KeptTables;
  clear(): Promise<void>;
}

export async function makeFactsGround(): Promise<FactsGround> {
  const database = await createTestDatabase();
  const server = testPool(database.serverUrl);
  const superuser = testPool(database.superuserUrl);
  return {
    server,
    superuser,
    kept: new KeptTables(server, new PinoLog('error', { write: () => undefined })),
    clear: async () => {
      await Promise.all([server.end(), superuser.end()]);
      await database.drop();
    },
  };
}

/** Registers terminals with their premises and taxpayers. @param activity of all of the premises */
export async function registerPlaces(superuser: Pool, places: Places, activity = 'Grocery'): Promise<void> {
  const all = [...places.values()];
  const column = (of: (place: Place) => string): string[] => all.map(of);
  await superuser.query(
    `INSERT INTO taxpayer (taxpayer_id, name) SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
    [column(({ taxpayerId }) => taxpayerId), column(({ taxpayerName }) => taxpayerName)],
  );
  await superuser.query(
    `INSERT INTO premises (premises_id, taxpayer_id, name, region, activity, address)
     SELECT DISTINCT premises_id, taxpayer_id, name, region, $5, 'High Street 1'
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS place(premises_id, taxpayer_id, name, region)
     ON CONFLICT DO NOTHING`,
    [
      column(({ premisesId }) => premisesId),
      column(({ taxpayerId }) => taxpayerId),
      column(({ premisesName }) => premisesName),
      column(({ region }) => region),
      activity,
    ],
  );
  await superuser.query(
    `INSERT INTO terminal (terminal_id, premises_id, taxpayer_id)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
    [
      column(({ terminalId }) => terminalId),
      column(({ premisesId }) => premisesId),
      column(({ taxpayerId }) => taxpayerId),
    ],
  );
}

/** Places of some terminals, each in premises of its own unless a member says otherwise. */
export function placesOf(terminalIds: readonly string[], over: Partial<Place> = {}): Places {
  return new Map(
    terminalIds.map((terminalId) => {
      const own = { premisesId: `shop-of-${terminalId}`, premisesName: `Shop of ${terminalId}` };
      const taxpayer = { taxpayerId: 'taxpayer-1', taxpayerName: 'Taxpayer 1' };
      return [terminalId, { terminalId, region: 'North', ...own, ...taxpayer, ...over }];
    }),
  );
}

/** Stores attempts as an upload does; `isUntried`: the till held the line to be down. @param invoiceIds of each attempt; random ones where there are none */
export async function insertAttempts(
  superuser: Pool,
  attempts: readonly (GeneratedAttempt & { readonly isUntried?: boolean })[],
  invoiceIds: readonly string[] = [],
): Promise<void> {
  await superuser.query(
    `INSERT INTO transaction_log_entry (terminal_id, entry_id, at, received_at, door, invoice_id, outcome, cause, counted_cause)
     SELECT terminal_id, gen_random_uuid(), at, at + interval '1 hour', 'issue', invoice_id,
            CASE WHEN cause IS NULL THEN 'issued' WHEN is_untried THEN 'not_tried' WHEN cause LIKE 'certificate%' THEN 'not_authenticated' ELSE 'failed' END,
            cause, COALESCE(cause, '')
     FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::uuid[], $5::boolean[]) AS attempt(terminal_id, at, cause, invoice_id, is_untried)`,
    [
      attempts.map(({ terminalId }) => terminalId),
      attempts.map(({ at }) => new Date(at)),
      attempts.map(({ cause }) => cause),
      attempts.map((_, index) => invoiceIds[index] ?? randomUUID()),
      attempts.map(({ isUntried = false }) => isUntried),
    ],
  );
}

export interface StoredSale {
  readonly terminalId: string;
  readonly invoiceId?: string;
  readonly journalId?: string;
  readonly counter?: number;
  /** Milliseconds. */
  readonly soldAt: number;
  readonly registeredAt?: number;
  readonly door?: 'issue' | 'reissue';
  readonly type?: 'normal' | 'training';
  readonly kind?: 'sale' | 'refund' | 'void';
  readonly total?: number;
  readonly currency?: string;
  readonly digest?: Buffer;
  readonly previousDigest?: Buffer | null;
  readonly original?: string;
  readonly clockOffsetMs?: number;
  readonly warnings?: readonly string[];
  /** It counts when it was registered: its time of sale is not believed. */
  readonly isDoubted?: boolean;
}

export function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The journal of a terminal, unless a test names another. */
export function journalOf(terminalId: string): string {
  const hex = digestOf(terminalId).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

/** Writes sales into ledger, content and warnings, as issuance does. Counters go on from 1 in each journal where none is named. */
export async function insertSales(superuser: Pool, sales: readonly StoredSale[]): Promise<void> {
  const counters = new Map<string, number>();
  const rows = sales.map((sale) => {
    const journalId = sale.journalId ?? journalOf(sale.terminalId);
    const counter = sale.counter ?? (counters.get(journalId) ?? 0) + 1;
    counters.set(journalId, counter);
    const { issuedAt, businessDay } = timesOf(sale.soldAt);
    return {
      terminal_id: sale.terminalId,
      invoice_id: sale.invoiceId ?? randomUUID(),
      digest: (sale.digest ?? digestOf(`${journalId} ${counter}`)).toString('hex'),
      previous_digest:
        sale.previousDigest === null || (sale.previousDigest === undefined && counter === 1)
          ? null
          : (sale.previousDigest ?? digestOf(`${journalId} ${counter - 1}`)).toString('hex'),
      journal_id: journalId,
      counter,
      type: sale.type ?? 'normal',
      kind: sale.kind ?? 'sale',
      issued_at: issuedAt,
      business_day: businessDay,
      currency: sale.currency ?? 'EUR',
      total: sale.total ?? 1_000,
      door: sale.door ?? 'issue',
      registered_at: new Date(sale.registeredAt ?? sale.soldAt).toISOString(),
      original: sale.original ?? null,
      payload: JSON.stringify({ clockOffsetMs: sale.clockOffsetMs ?? null, taxes: [] }),
      warnings: sale.warnings ?? [],
      is_doubted: sale.isDoubted ?? false,
    };
  });
  await superuser.query(INSERT_SALES, [JSON.stringify(rows)]);
}

function timesOf(soldAt: number): { readonly issuedAt: string; readonly businessDay: string } {
  const issuedAt = new Date(soldAt).toISOString();
  return { issuedAt, businessDay: issuedAt.slice(0, 'yyyy-mm-dd'.length) };
}

const INSERT_SALES = `
  WITH sale AS MATERIALIZED (
    SELECT nextval('tax_control_number_test') AS sequence, listed.*
    FROM jsonb_to_recordset($1::jsonb) AS listed(
      terminal_id text, invoice_id uuid, digest text, previous_digest text, journal_id uuid, counter bigint, type text, kind text,
      issued_at timestamptz, business_day date, currency text, total bigint, door text, registered_at timestamptz,
      original uuid, payload text, warnings jsonb, is_doubted boolean)
  ), entered AS (
    INSERT INTO ledger (sequence, code, terminal_id, invoice_id, digest, taxpayer_id, premises_id, journal_id, counter, type, kind,
                        number, issued_at, business_day, currency, total, door, registered_at,
                        reference_terminal_id, reference_invoice_id, receipt_key, receipt_signature, counted_at)
    SELECT sequence, lpad(sequence::text, 12, '0') || '00000000', terminal_id, invoice_id, decode(digest, 'hex'), taxpayer_id,
           premises_id, journal_id, counter, type, kind, counter::text, issued_at, business_day, currency, total, door, sale.registered_at,
           CASE WHEN original IS NOT NULL THEN terminal_id END, original, 'key', decode(repeat('00', 64), 'hex'),
           CASE WHEN is_doubted THEN date_trunc('second', sale.registered_at) END
    FROM sale JOIN terminal USING (terminal_id)
    RETURNING sequence
  ), kept AS (
    INSERT INTO content (sequence, registered_at, payload, signature, signer, previous_digest)
    SELECT sequence, registered_at, convert_to(payload, 'UTF8'), decode(repeat('00', 64), 'hex'), 'signer', decode(previous_digest, 'hex')
    FROM sale
  )
  INSERT INTO invoice_warning (sequence, warning, detail)
  SELECT sequence, warning, '' FROM sale CROSS JOIN LATERAL jsonb_array_elements_text(warnings) AS warning`;
