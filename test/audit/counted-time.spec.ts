import type { Invoice } from '@tax-control/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ForgedLedger } from './forged-ledger.js';
import { audit, brokenChecks, ledgerInOrder, verdictOf } from './ledger-in-order.js';

let ledger: ForgedLedger;
beforeEach(async () => {
  ledger = await ledgerInOrder();
});
afterEach(() => ledger.delete());

/** What the audit says of an invoice that is issued now with these members, these warnings, and a time that counts. */
async function findings(invoice: Partial<Invoice>, warnings: readonly string[], countedAt: string): Promise<string[]> {
  const { row } = await ledger.issue(ledger.tills[0]!, invoice);
  await ledger.client.query(`UPDATE ledger SET counted_at = ${countedAt} WHERE sequence = $1`, [row.sequence]);
  for (const warning of warnings)
    await ledger.client.query('INSERT INTO invoice_warning (sequence, warning, detail) VALUES ($1, $2, $3)', [
      row.sequence,
      warning,
      'forged',
    ]);
  const report = await audit(ledger);
  expect(brokenChecks(report).filter((check) => check !== 'columns')).toEqual([]);
  return verdictOf(report, 'columns').findings.filter((text) => text.includes(row.sequence));
}

const AT_REGISTRATION = `date_trunc('second', registered_at)`;
/** Of the certificates of this ledger, which are made now, and long before the invoices of its journals. */
const LONG_AGO = '2001-02-03T04:05:06Z';

it('takes an invoice that counts at its time of sale, or at its registration', async () => {
  expect(await findings({}, [], 'NULL')).toEqual([]);
  expect(await findings({ issuedAt: LONG_AGO }, ['clock_off', 'signed_outside_validity'], AT_REGISTRATION)).toEqual([]);
});

it.each<[string, Partial<Invoice>, string[], string, RegExp]>([
  ['at a time of nobody’s', {}, [], `registered_at - interval '1 day'`, /counts neither/],
  ['in the future', { issuedAt: '2999-01-01T00:00:00Z' }, ['clock_off'], 'NULL', /cannot be believed/],
  [
    'though its till knew better',
    { clockBehind: '2026-11-23T00:00:00Z' },
    ['clock_behind'],
    'NULL',
    /cannot be believed/,
  ],
  ['before its certificate', { issuedAt: LONG_AGO }, ['signed_outside_validity'], 'NULL', /before its certificate/],
  ['before its predecessor', { issuedAt: LONG_AGO }, ['clock_off'], 'NULL', /before its journal's previous invoice/],
])('finds an invoice that counts %s', async (_when, invoice, warnings, countedAt, finding) => {
  expect(await findings(invoice, warnings, countedAt)).toEqual([expect.stringMatching(finding)]);
});
