import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ForgedLedger } from './forged-ledger.js';
import { audit, brokenChecks, ledgerInOrder, verdictOf } from './ledger-in-order.js';

let ledger: ForgedLedger;
beforeAll(async () => {
  ledger = await ledgerInOrder();
});
afterAll(() => ledger.delete());

it.each([
  ['invoice_id', randomUUID()],
  ['terminal_id', 'till-1'],
  ['taxpayer_id', 'other'],
  ['premises_id', 'other'],
  ['journal_id', randomUUID()],
  ['counter', 77],
  ['type', 'training'],
  ['kind', 'refund'],
  ['number', 'other'],
  ['issued_at', '2026-11-22T16:30:06Z'],
  ['business_day', '2026-11-23'],
  ['currency', 'EUR'],
  ['total', 0],
  ['sold', 121],
  ['returned', 1],
  ['lines', 2],
  ['is_exact', false],
  ['reference_terminal_id', 'till-1'],
  ['reference_invoice_id', randomUUID()],
  ['supersedes_terminal_id', 'till-1'],
  ['supersedes_invoice_id', randomUUID()],
])('column %s that differs from the signed payload is found', async (column, value) => {
  const { sequence } = ledger.issued.at(-1)!.row;
  const { rows } = await ledger.client.query(`SELECT ${column}::text AS before FROM ledger WHERE sequence = $1`, [
    sequence,
  ]);
  const update = `UPDATE ledger SET ${column} = $1 WHERE sequence = $2`;
  await ledger.client.query(update, [value, sequence]);
  const { findings } = verdictOf(await audit(ledger), 'columns');
  await ledger.client.query(update, [rows[0].before, sequence]);
  expect(findings).toStrictEqual([expect.stringContaining(`column ${column} differs`)]);
});

it('tax beside the ledger that differs from the signed payload is found; none at all is as before it stood there', async () => {
  const { sequence } = ledger.issued.at(-1)!.row;
  await ledger.client.query('UPDATE ledger_tax SET amount = amount + 1 WHERE sequence = $1', [sequence]);
  expect(verdictOf(await audit(ledger), 'columns').findings).toStrictEqual([
    expect.stringContaining('column ledger_tax differs'),
  ]);
  await ledger.client.query('UPDATE ledger_tax SET amount = amount - 1 WHERE sequence = $1', [sequence]);
  const { rows } = await ledger.client.query('SELECT payload FROM content WHERE sequence = $1', [sequence]);
  for (const taxes of [5, {}, [null]]) {
    const exchange = 'UPDATE content SET payload = $1 WHERE sequence = $2';
    await ledger.client.query(exchange, [
      Buffer.from(JSON.stringify({ ...JSON.parse(rows[0].payload), taxes })),
      sequence,
    ]);
    expect(verdictOf(await audit(ledger), 'columns').findings.join()).toContain('column ledger_tax differs');
    await ledger.client.query(exchange, [rows[0].payload, sequence]);
  }
  await ledger.client.query('DELETE FROM ledger_tax WHERE sequence = $1', [sequence]);
  expect(brokenChecks(await audit(ledger))).toStrictEqual([]);
});

it('the digest of the invoice before, where column and payload differ', async () => {
  const { sequence } = ledger.issued.at(-1)!.row;
  await ledger.client.query('UPDATE content SET previous_digest = sha256($1) WHERE sequence = $2', ['\\x00', sequence]);
  const report = await audit(ledger);
  expect(brokenChecks(report)).toStrictEqual(['columns']);
  expect(verdictOf(report, 'I5').notes.join()).toContain('broken chain');
});
