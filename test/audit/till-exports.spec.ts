import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportLine, type ForgedLedger } from './forged-ledger.js';
import { audit, brokenChecks, ledgerInOrder, verdictOf } from './ledger-in-order.js';

let ledger: ForgedLedger;
beforeEach(async () => {
  ledger = await ledgerInOrder();
});
afterEach(() => ledger.delete());

const sql = (text: string, ...parameters: unknown[]) => ledger.client.query(text, parameters);
const last = () => ledger.issued.at(-1)!;

describe('what tills hold', () => {
  it('a receipt that is not on file breaks I3 and I4', async () => {
    const till = ledger.tills[0]!;
    const { invoice, jws } = ledger.signNext(till);
    const { receiptJws } = ledger.makeRow(invoice, jws, till.thumbprint);
    const report = await audit(ledger, { lines: [exportLine({ jws, receiptJws })] });
    expect(brokenChecks(report)).toStrictEqual(['I3', 'I4']);
    expect(verdictOf(report, 'I3').findings[0]).toContain('is not on file');
  });

  it('a receipt with another code breaks I3', async () => {
    const { row, jws } = last();
    const till = ledger.tills[1]!;
    const payload = JSON.parse(row.payload!.toString());
    const { receiptJws } = ledger.makeRow(payload, jws, till.thumbprint);
    const report = await audit(ledger, { lines: [exportLine({ jws, receiptJws })] });
    expect(brokenChecks(report)).toStrictEqual(['I3']);
    expect(verdictOf(report, 'I3').findings[0]).toContain(`the database ${row.code}`);
  });

  it('a receipt that no key signed breaks I3', async () => {
    const { jws, receiptJws } = last();
    const forged = `${receiptJws.slice(0, -86)}${'A'.repeat(86)}`;
    expect(brokenChecks(await audit(ledger, { lines: [exportLine({ jws, receiptJws: forged })] }))).toStrictEqual([
      'I3',
    ]);
  });

  it('a receipt that a resend would not give again breaks I2', async () => {
    const { row, jws } = last();
    const receiptJws = exportLine(last()) as { receipt: string };
    await sql(
      'UPDATE ledger SET receipt_signature = $1 WHERE sequence = $2',
      ledger.resign(row).receipt_signature,
      row.sequence,
    );
    const report = await audit(ledger, { lines: [exportLine({ jws, receiptJws: receiptJws.receipt })] });
    expect(brokenChecks(report)).toStrictEqual(['I2']);
    expect(verdictOf(report, 'I2').findings[0]).toContain('a resend would get other bytes');
  });

  it('an invoice that was changed after it was issued breaks I4', async () => {
    const till = ledger.tills[1]!;
    till.counter -= 1;
    const other = ledger.signNext(till, { id: last().row.invoice_id });
    const report = await audit(ledger, { lines: [exportLine({ jws: other.jws, receiptJws: last().receiptJws })] });
    expect(verdictOf(report, 'I4').findings[0]).toContain('not on file with this content');
  });

  it('a waiting invoice breaks I4 unless it was allowed to wait', async () => {
    const lines = [exportLine(ledger.signNext(ledger.tills[0]!))];
    expect(verdictOf(await audit(ledger, { lines }), 'I4').findings[0]).toContain('still waits');
    const allowed = verdictOf(await audit(ledger, { lines, allowWaiting: true }), 'I4');
    expect([allowed.held, allowed.noteCount]).toStrictEqual([true, 1]);
  });

  it('a refused invoice needs a cause, a record, and no code', async () => {
    const { jws } = await ledger.refuse(ledger.tills[0]!);
    const facts = { state: 'refused', cause: 'schema_violation' };
    expect(brokenChecks(await audit(ledger, { lines: [exportLine({ jws }, facts)] }))).toStrictEqual([]);
    const findings = async (...lines: object[]) => verdictOf(await audit(ledger, { lines }), 'I4').findings.join('\n');
    expect(await findings(exportLine({ jws }, { ...facts, cause: null }))).toContain('without a cause');
    expect(await findings(exportLine({ jws: last().jws }, facts))).toContain('no record of the refusal');
    expect(await findings(exportLine({ jws: last().jws }, facts))).toContain('but issued in the database');
  });

  it('lines that cannot be read break I4; lines of other kinds are passed by', async () => {
    const report = await audit(ledger, {
      lines: [{ kind: 'log' }, { kind: 'invoice', invoice: 'x', state: 'issued' }, { kind: 'invoice' }],
    });
    expect(report.tillInvoices).toBe(0);
    expect(verdictOf(report, 'I4').findings).toStrictEqual([
      expect.stringContaining('line 2 cannot be read: its invoice is no signed invoice') as string,
      expect.stringContaining('line 3 cannot be read: it names no invoice or no state') as string,
    ]);
  });
});

describe('an export that is not whole', () => {
  const TILL = { kind: 'till', exportVersion: 2, terminalId: 'till-1' };
  /** The line that belongs behind these, reckoned from its description in docs/integrating-a-till.md. */
  const endOf = (lines: readonly object[]): object => ({
    kind: 'end',
    lines: lines.length,
    invoices: lines.length - 1,
    unreadable: 0,
    sha256: createHash('sha256')
      .update(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
      .digest('base64url'),
  });

  it('breaks I4 where its end is missing, or other lines stand before it, or the journal was damaged', async () => {
    const fetched = { kind: 'invoice', invoice: null, state: 'issued', fetchedAt: '2026-11-30T10:00:00.000Z' };
    const whole = [TILL, fetched, exportLine(last())];
    expect(brokenChecks(await audit(ledger, { lines: [...whole, endOf(whole)] }))).toStrictEqual([]);
    const lines = [TILL, exportLine(last())];
    const cut = await audit(ledger, { lines });
    expect(brokenChecks(cut)).toStrictEqual(['I4']);
    expect(verdictOf(cut, 'I4').findings[0]).toContain('the file is cut');
    const changed = await audit(ledger, { lines: [TILL, { kind: 'log' }, exportLine(last()), endOf(lines)] });
    expect(verdictOf(changed, 'I4').findings[0]).toContain('are not those that were exported');
    const damaged = [
      TILL,
      exportLine(last()),
      { kind: 'unreadable', table: 'invoices', where: 'after 7', detail: 'x' },
    ];
    const report = await audit(ledger, { lines: [...damaged, endOf(damaged)] });
    expect(verdictOf(report, 'I4').findings).toEqual([
      expect.stringContaining('the journal is damaged, invoices after 7'),
    ]);
  });
});
