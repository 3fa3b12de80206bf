import { describe, expect, it } from 'vitest';
import type { LedgerRow } from '../audit/stored-invoice.js';
import { receiptOfRow } from '../audit/receipt.js';
import { compare, type Papers } from './compare.js';
import type { Printed } from './sales-book.js';

const AT = new Date('2026-01-05T10:00:00Z');

function rowOf(number: number, terminal = 'till-1'): LedgerRow {
  return {
    sequence: String(number),
    code: String(number).padStart(20, '9'),
    terminal_id: terminal,
    invoice_id: `invoice-${number}`,
    digest: Buffer.alloc(32, number),
    taxpayer_id: 'shop',
    premises_id: 'corner',
    journal_id: 'journal',
    counter: String(number),
    type: 'normal',
    kind: 'sale',
    number: `S-${number}`,
    issued_at: AT,
    business_day: '2026-01-05',
    counted_at: null,
    currency: 'GBP',
    total: '500',
    sold: null,
    returned: null,
    lines: null,
    is_exact: null,
    door: 'issue',
    registered_at: AT,
    reference_terminal_id: null,
    reference_invoice_id: null,
    supersedes_terminal_id: null,
    supersedes_invoice_id: null,
    receipt_key: 'key',
    receipt_signature: Buffer.alloc(64, 1),
  };
}

/** As a till prints it that got its answer. */
function paperOf(row: LedgerRow, changes: Partial<Printed> = {}): Printed {
  return {
    saleId: `sale-${row.sequence}`,
    terminalId: row.terminal_id,
    invoiceId: row.invoice_id,
    total: Number(row.total),
    code: row.code,
    receiptJws: receiptOfRow(row, 'test'),
    at: 10,
    ...changes,
  };
}

const papers = (printed: readonly Printed[], more: Partial<Papers> = {}): Papers => ({
  printed,
  setBack: new Map(),
  dead: new Set(),
  ...more,
});

const pending: Partial<Printed> = { code: null, receiptJws: null };

describe('compare', () => {
  it('finds nothing where all that was printed is on file, and nothing else', () => {
    const rows = [rowOf(1), rowOf(2)];
    expect(compare(papers([paperOf(rows[0]!), paperOf(rows[1]!, pending)]), rows)).toEqual({
      faults: [],
      goneWithDisk: 0,
    });
  });

  it.each<[what: string, changes: Partial<Printed>, fault: RegExp]>([
    ['code', { code: '1'.repeat(20) }, /printed with the code 1{20}, and has/],
    ['total', { total: 501 }, /printed with the total 501, and has 500/],
    ['receipt', { receiptJws: 'e30.e30.AA' }, /the receipt on file is not the one/],
  ])('finds another %s on paper', (_what, changes, fault) => {
    const row = rowOf(1);
    expect(compare(papers([paperOf(row, changes)]), [row]).faults).toEqual([expect.stringMatching(fault)]);
  });

  it('finds an invoice that is not on file, with its code or while it waited', () => {
    const { faults } = compare(papers([paperOf(rowOf(1)), paperOf(rowOf(2), pending)]), []);
    expect(faults).toEqual([
      expect.stringMatching(/^sale-1 .* with the code .* is not on file/),
      expect.stringMatching(/^sale-2 .* was printed and is not on file/),
    ]);
  });

  it('forgives the loss of a disk what had waited on it, and no code', () => {
    const setBack = new Map([['till-1', 10]]);
    const { faults, goneWithDisk } = compare(papers([paperOf(rowOf(1), pending), paperOf(rowOf(2))], { setBack }), []);
    expect(goneWithDisk).toBe(1);
    expect(faults).toEqual([expect.stringMatching(/^sale-2 /)]);
  });

  it('forgives nothing that was printed after the disk was set back', () => {
    const setBack = new Map([['till-1', 10]]);
    const { faults, goneWithDisk } = compare(papers([paperOf(rowOf(1), { ...pending, at: 11 })], { setBack }), []);
    expect(goneWithDisk).toBe(0);
    expect(faults).toHaveLength(1);
  });

  it('finds a code on two papers', () => {
    const [row, other] = [rowOf(1), rowOf(2)];
    const { faults } = compare(papers([paperOf(row), paperOf(other, { code: row.code })]), [row, other]);
    expect(faults).toContainEqual(expect.stringMatching(/printed on sale-1 and on sale-2/));
  });

  it('finds what nobody has sold, but where the till that sold it died or forgot it', () => {
    const rows = [rowOf(1), rowOf(2, 'till-2'), rowOf(3, 'till-3')];
    const { faults } = compare(papers([], { dead: new Set(['till-2']), setBack: new Map([['till-3', 10]]) }), rows);
    expect(faults).toEqual([expect.stringMatching(/invoice-1 of till-1 is on file, and nobody has sold it/)]);
  });
});
