import { randomUUID } from 'node:crypto';
import type { LogEntry } from '@tax-control/protocol';
import type { Pool, QueryResultRow } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { rollUp } from '../../src/log-analytics/invoices/roll-up.js';
import { storeLogEntries } from '../../src/log-analytics/upload/log-entry-store.js';
import { checkAttemptSums } from '../../tools/audit/check-attempt-sums.js';
import { checkInvoiceSums } from '../../tools/audit/check-invoice-sums.js';
import type { Snapshot } from '../../tools/audit/snapshot.js';
import { Tally } from '../../tools/audit/verdict.js';
import { testPool } from '../support/pool.js';
import type { ForgedLedger } from './forged-ledger.js';
import { audit, ledgerInOrder, verdictOf } from './ledger-in-order.js';

/** Entries of two tills: one that came through, one that failed at a time that is real, and one at a time that is not. */
const ENTRIES: readonly Partial<LogEntry>[] = [
  { outcome: 'issued', cause: null, connectMs: 3, tlsMs: 5, answerMs: 8, totalMs: 16 },
  { outcome: 'failed', cause: 'connect_timeout', connectMs: 3_000, totalMs: 3_001 },
  { outcome: 'failed', cause: 'struck_by_lightning' },
  { outcome: 'failed', cause: 'connect_timeout', at: '1970-01-01T00:00:00.000Z' },
];
const ROWS_MAX = 100;

let ledger: ForgedLedger;
let pool: Pool;
/** What a test has changed and not committed; it is taken back. */
const underWay: Snapshot = {
  query: async <Row extends QueryResultRow>(sql: string) => (await ledger.client.query<Row>(sql)).rows,
  async *pages<Row extends QueryResultRow>(sql: string) {
    yield (await ledger.client.query<Row>(sql)).rows;
  },
  close: () => Promise.resolve(),
};

/** A state with sums of everything. */
beforeAll(async () => {
  ledger = await ledgerInOrder();
  pool = testPool(ledger.database.serverUrl);
  // The void of a refund adds to turnover and tax again.
  const refund = ledger.issued.find(({ row }) => row.kind === 'refund')!.row;
  await ledger.issue(ledger.tills[0]!, {
    kind: 'void',
    reference: { terminalId: refund.terminal_id, invoiceId: refund.invoice_id },
  });
  const late = await ledger.issue(ledger.tills[0]!);
  await ledger.client.query(`UPDATE ledger SET door = 'reissue' WHERE sequence = $1`, [late.row.sequence]);
  await ledger.client.query(`INSERT INTO invoice_warning (sequence, warning, detail) VALUES ($1, 'clock_off', '')`, [
    late.row.sequence,
  ]);
  const owned = ENTRIES.map((entry, index) => ({ terminalId: `till-${1 + (index % 2)}`, entry: entryOf(entry) }));
  await storeLogEntries(pool, owned);
  await ledger.client.query(
    `INSERT INTO server_event (terminal_id, attempt_id, at, door, outcome, cause) VALUES ('till-1', $1, now(), 'issue', 'deferred', 'server_busy')`,
    [randomUUID()],
  );
  await ledger.client.query('SELECT rebuild_attempt_counts()');
  // Transactions of other specs in the cluster may hold the roll-up back for a moment.
  let rows = 0;
  await vi.waitUntil(
    async () => {
      const outcome = await rollUp(pool, ROWS_MAX);
      rows += outcome.result === 'done' ? outcome.rows : 0;
      return rows === ledger.issued.length + 1;
    },
    { timeout: 60_000, interval: 20 },
  );
});
afterAll(async () => {
  await pool.end();
  await ledger.delete();
});

function entryOf(over: Partial<LogEntry>): LogEntry {
  return {
    id: randomUUID(),
    at: new Date().toISOString(),
    door: 'issue',
    invoiceId: randomUUID(),
    outcome: 'failed',
    cause: null,
    detail: null,
    address: null,
    connectMs: null,
    tlsMs: null,
    answerMs: null,
    totalMs: 1,
    ...over,
  };
}

describe('I8', () => {
  it('holds where every sum is what the rows come to', async () => {
    const verdict = verdictOf(await audit(ledger), 'I8');
    expect(verdict).toMatchObject({ held: true, findings: [], notes: [] });
    expect(verdict.checked).toBeGreaterThan(100);
  });

  const TAX = `figure = 'tax' AND level = 'premises' AND grain = 'day'`;
  const breaks: readonly [what: string, sql: string, finding: RegExp][] = [
    [
      'an attempt too many',
      `UPDATE attempt_count SET attempts = attempts + 1 WHERE level = 'region' AND grain = 'hour'`,
      /^attempts of region North, hour from/,
    ],
    [
      'a sum of attempts that is gone',
      `DELETE FROM attempt_count WHERE level = 'terminal' AND grain = 'week'`,
      /^attempts of terminal till-1, week .*: 0 are kept, 1/,
    ],
    [
      'attempts in another quarter-hour',
      `UPDATE attempt_count SET start = start - interval '15 minutes' WHERE level = 'all' AND grain = 'quarter'`,
      /^attempts of all, quarter/,
    ],
    [
      'a histogram that lacks a duration',
      `UPDATE attempt_count SET tls_counts = '{0}' WHERE level = 'taxpayer' AND grain = 'day' AND tls_ms_max IS NOT NULL`,
      /^attempts of taxpayer shop/,
    ],
    [
      'a longest duration that nobody measured',
      `UPDATE attempt_count SET total_ms_max = 9 WHERE level = 'premises' AND grain = 'day'`,
      /^attempts of premises high-street/,
    ],
    [
      'an entry that counts under another cause',
      `UPDATE transaction_log_entry SET counted_cause = 'no_route' WHERE cause = 'connect_timeout'`,
      /counts under "no_route"/,
    ],
    [
      'an entry that was taken away',
      `DELETE FROM transaction_log_entry WHERE outcome = 'issued'`,
      /1 3 .* are kept, 0 are counted/,
    ],
    [
      'turnover',
      `UPDATE invoice_statistics SET amount = amount + 1 WHERE figure = 'invoices' AND level = 'terminal' AND grain = 'quarter'`,
      /^invoices of terminal till-1, quarter/,
    ],
    [
      'turnover and the column that it was summed from, both other than what was signed',
      `UPDATE ledger SET total = -total WHERE kind = 'refund';
       UPDATE invoice_statistics SET amount = -amount WHERE figure = 'invoices' AND label = 'normal/refund/GBP'`,
      /^invoices of all, day .* normal\/refund\/GBP: 1 0 120 0 are kept, 1 0 -120 0 are counted/,
    ],
    [
      'tax',
      `UPDATE invoice_statistics SET amount = amount - 1 WHERE ${TAX}`,
      /^tax of premises high-street, day .* GBP\/standard\/20/,
    ],
    [
      'tax at a rate that no invoice has',
      `UPDATE invoice_statistics SET label = 'GBP/standard/21' WHERE ${TAX}`,
      /GBP\/standard\/21: .* 0 are counted/,
    ],
    [
      'a warning',
      `UPDATE invoice_statistics SET times = 2 WHERE figure = 'warning'`,
      /^warning of all, day .* clock_off/,
    ],
    ['invoices with warnings', `UPDATE invoice_statistics SET times = 7 WHERE figure = 'flagged'`, /^flagged of/],
    [
      'the time from sale to code',
      `UPDATE invoice_statistics SET longest_ms = 1 WHERE figure = 'waited'`,
      /^waited of/,
    ],
    ['a refusal', `UPDATE invoice_statistics SET label = 'row_refused' WHERE figure = 'refused'`, /^refused of/],
    [
      'a mark that passed rows by',
      `UPDATE invoice_statistics_mark SET number = 0, recorded_in = '0'`,
      /are kept, 0 are counted/,
    ],
  ];

  it.each(breaks)('is broken by %s', async (_, sql, finding) => {
    await ledger.client.query('BEGIN');
    await ledger.client.query(sql);
    const tally = new Tally('I8');
    await checkAttemptSums(underWay, tally);
    await checkInvoiceSums(underWay, true, tally);
    await ledger.client.query('ROLLBACK');
    expect(tally.verdict().findings).toContainEqual(expect.stringMatching(finding));
  });

  it('is not claimed of tax where a payload cannot be read', async () => {
    const tally = new Tally('I8');
    await checkInvoiceSums(underWay, false, tally);
    expect(tally.verdict()).toMatchObject({ held: true, notes: [expect.stringContaining('not recounted') as string] });
  });
});
