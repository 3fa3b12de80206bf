import {
  isProblemCode,
  JOURNAL_CURSOR_PATTERN,
  JOURNAL_PAGE_BYTES_MAX,
  JOURNAL_PAGE_INVOICES_MAX,
  type JournalAnswer,
  type JournalInvoice,
  type Problem,
  problem,
  readInvoiceJws,
} from '@tax-control/protocol';
import type { Reads } from '../database/reads.js';
import { readCertificateBytes } from '../registry/certificates.js';
import { findContents } from './contents.js';
import { filedOf, type LedgerRecord, WARNINGS_COLUMN } from './find-rows.js';
import { isUuid } from './invoice-lookup.js';
import type { Queryable } from './queryable.js';
import { receiptOfRow } from './receipt-of-row.js';
import { signedText } from './signed-text.js';

/** `kind` 0: of the ledger, `id` its number; 1: refused, `id` that of the refusal. */
interface Place {
  readonly counter: number;
  readonly kind: 0 | 1;
  readonly id: number;
  /** Of the compact JWS, roughly; 0 where it is not kept. */
  readonly bytes: number;
}

const CURSOR = new RegExp(JOURNAL_CURSOR_PATTERN);
/** Above every kind: a bare counter is behind all that has it. */
const BEHIND_ALL_KINDS = 2;
/** Characters of base64url for three bytes. */
const JWS_CHARACTERS = 4 / 3;

/** Both halves go along an index by journal, terminal and counter. */
const LIST = `
SELECT * FROM (
  (SELECT counter, 0 AS kind, sequence AS id,
          coalesce((SELECT octet_length(payload) FROM content
                    WHERE content.sequence = ledger.sequence AND content.registered_at = ledger.registered_at), 0) AS bytes
   FROM ledger
   WHERE journal_id = $1 AND terminal_id = $2 AND counter >= $3 AND (counter, 0, sequence) > ($3::bigint, $4::integer, $5::bigint)
   ORDER BY counter, sequence LIMIT $6)
  UNION ALL
  (SELECT counter, 1, refused_id, octet_length(body)
   FROM refused_invoice
   WHERE journal_id = $1 AND terminal_id = $2 AND counter >= $3 AND (counter, 1, refused_id) > ($3::bigint, $4::integer, $5::bigint)
   ORDER BY counter, refused_id LIMIT $6)
) AS both_kinds
ORDER BY counter, kind, id LIMIT $6`;

/** What a terminal gets back of a journal that its disk has lost: its own invoices, and nobody else's. */
export class JournalLookup {
  constructor(private readonly database: Reads & Queryable) {}

  /**
   * A page of a journal, by counter. A journal that the terminal never had is empty.
   * @param after a counter, or `next` of the page before
   * @returns problem malformed_request where `after` is neither
   */
  async page(terminalId: string, journalId: string, after: string): Promise<JournalAnswer | Problem> {
    const behind = CURSOR.test(after) ? cursorOf(after) : null;
    if (behind === null)
      return problem('malformed_request', {
        detail: 'Ask with `after`: the counter behind which to begin, or `next` of the answer before.',
      });
    if (!isUuid(journalId)) return { invoices: [], certificates: [], next: null };
    const listed = await this.#list(terminalId, journalId, behind);
    const places = firstOf(listed);
    const [issued, refused] = [await this.#issued(places), await this.#refused(places)];
    const invoices = places.flatMap(({ kind, id }) => (kind === 0 ? issued : refused).get(id) ?? []);
    const last = places.at(-1);
    const isMore = last !== undefined && places.length < listed.length;
    return {
      invoices,
      certificates: await this.#certificatesOf(invoices),
      next: isMore ? `${last.counter}-${last.kind}-${last.id}` : null,
    };
  }

  /** One more than a page has, to know whether there is more. */
  async #list(terminalId: string, journalId: string, after: readonly number[]): Promise<Place[]> {
    const { rows } = await this.database.query<{ counter: string; kind: 0 | 1; id: string; bytes: number }>(LIST, [
      journalId,
      terminalId,
      ...after,
      JOURNAL_PAGE_INVOICES_MAX + 1,
    ]);
    return rows.map(({ counter, kind, id, bytes }) => ({
      counter: Number(counter),
      kind,
      id: Number(id),
      bytes: bytes * (kind === 0 ? JWS_CHARACTERS : 1),
    }));
  }

  async #issued(places: readonly Place[]): Promise<Map<number, JournalInvoice>> {
    const { rows } = await this.database.query<LedgerRecord>(
      `SELECT ledger.*, ${WARNINGS_COLUMN} FROM ledger WHERE sequence = ANY ($1::bigint[])`,
      [idsOf(places, 0)],
    );
    const filed = rows.map(filedOf);
    const contents = await findContents(
      this.database,
      filed.map(({ row }) => row),
    );
    return new Map(
      filed.map(({ row, warnings }) => {
        const content = contents.get(row.sequence);
        const invoice = content === undefined ? null : signedText(content);
        return [row.sequence, { counter: row.counter, invoice, receipt: receiptOfRow(row), warnings: [...warnings] }];
      }),
    );
  }

  async #refused(places: readonly Place[]): Promise<Map<number, JournalInvoice>> {
    const { rows } = await this.database.query<{
      refused_id: string;
      counter: string;
      cause: string;
      detail: string;
      body: Buffer;
    }>('SELECT refused_id, counter, cause, detail, body FROM refused_invoice WHERE refused_id = ANY ($1::bigint[])', [
      idsOf(places, 1),
    ]);
    return new Map(
      rows.map(({ refused_id: id, counter, cause, detail, body }) => [
        Number(id),
        {
          counter: Number(counter),
          invoice: body.length === 0 ? null : body.toString('utf8'),
          problem: problem(isProblemCode(cause) ? cause : 'internal_error', { detail }),
        },
      ]),
    );
  }

  async #certificatesOf(invoices: readonly JournalInvoice[]): Promise<string[]> {
    const signers = invoices.flatMap(({ invoice }) => {
      const read = invoice === null ? null : readInvoiceJws(invoice);
      return read?.ok === true ? read.signerThumbprint : [];
    });
    const found = await readCertificateBytes(this.database, [...new Set(signers)]);
    return [...found.values()].map((der) => der.toString('base64'));
  }
}

function cursorOf(after: string): [counter: number, kind: number, id: number] {
  const [counter = 0, kind = BEHIND_ALL_KINDS, id = 0] = after.split('-').map(Number);
  return [counter, kind, id];
}

/** As many as one answer may bear, one at least. */
function firstOf(listed: readonly Place[]): Place[] {
  let bytes = 0;
  const end = listed.findIndex((place, index) => {
    bytes += place.bytes;
    return index === JOURNAL_PAGE_INVOICES_MAX || (index > 0 && bytes > JOURNAL_PAGE_BYTES_MAX);
  });
  return end === -1 ? [...listed] : listed.slice(0, end);
}

function idsOf(places: readonly Place[], wanted: Place['kind']): number[] {
  return places.filter(({ kind }) => kind === wanted).map(({ id }) => id);
}
