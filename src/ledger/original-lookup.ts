import {
  type OriginalAnswer,
  parseCode,
  type Problem,
  problem,
  readStoredInvoice,
  type TaxTerms,
} from '@tax-control/protocol';
import type { Reads } from '../database/reads.js';
import { isIdentifier } from '../registry/identifier.js';
import { isUuid } from './invoice-lookup.js';

interface OriginalRow {
  readonly currency: string;
  readonly business_day: string;
  readonly taxes: (Omit<TaxTerms, 'levy'> & { readonly levy: TaxTerms['levy'] | null })[] | null;
  readonly payload: Buffer | null;
}

/**
 * The rates stand beside the ledger (decision 0027), also when the content is no longer kept. Only of invoices without such rows are
 * the signed bytes read: those of earlier versions, and those that state no tax.
 */
const FIND = `
SELECT ledger.currency, ledger.business_day::text AS business_day, beside.taxes,
       CASE WHEN beside.taxes IS NULL THEN (
         SELECT payload FROM content
         WHERE content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at
       ) END AS payload
FROM ledger
CROSS JOIN LATERAL (
  SELECT json_agg(said ORDER BY category COLLATE "C", rate COLLATE "C") AS taxes
  FROM (SELECT DISTINCT category, rate, levy FROM ledger_tax WHERE ledger_tax.sequence = ledger.sequence) AS said
) AS beside
WHERE ledger.taxpayer_id = $1`;

/**
 * What a till may know of an invoice that another till of its taxpayer wrote, to take it back: its rates, and nothing of a person. An
 * invoice of another taxpayer is as unknown as one that is on file nowhere.
 */
export class OriginalLookup {
  constructor(private readonly database: Reads) {}

  /**
   * @param typed 20 digits, blanks and hyphens between them allowed; anything else is nobody's code
   * @returns problem invoice_unknown
   */
  byCode(taxpayerId: string, typed: string): Promise<OriginalAnswer | Problem> {
    const parsed = parseCode(typed);
    if (parsed === null) return Promise.resolve(unknown());
    const { sequence, code } = parsed;
    return this.#find('ledger.sequence = $2 AND ledger.code = $3', [taxpayerId, sequence, code]);
  }

  /** @returns problem invoice_unknown */
  byIdentity(taxpayerId: string, terminalId: string, invoiceId: string): Promise<OriginalAnswer | Problem> {
    if (!isIdentifier(terminalId) || !isUuid(invoiceId)) return Promise.resolve(unknown());
    return this.#find('ledger.terminal_id = $2 AND ledger.invoice_id = $3', [taxpayerId, terminalId, invoiceId]);
  }

  async #find(condition: string, values: unknown[]): Promise<OriginalAnswer | Problem> {
    const { rows } = await this.database.query<OriginalRow>(`${FIND} AND ${condition}`, values);
    const [row] = rows;
    const taxes = row === undefined ? null : ratesOf(row);
    if (row === undefined || taxes === null) return unknown();
    return { taxes, currency: row.currency, businessDay: row.business_day };
  }
}

/** Null where neither rows nor signed bytes say them. */
function ratesOf({ taxes, payload }: OriginalRow): TaxTerms[] | null {
  const said = taxes ?? (payload && readStoredInvoice(payload).taxes);
  if (said === null) return null;
  const terms = said.map(({ category, rate, levy }) => ({
    category,
    rate,
    ...(levy !== null && levy !== undefined && { levy }),
  }));
  return [...new Map(terms.map((tax) => [`${tax.category} ${tax.rate}`, tax])).values()];
}

function unknown(): Problem {
  const detail = 'Take the rates of the day of sale, or ask again when the original has its code.';
  return problem('invoice_unknown', { detail });
}
