import type { TaxRate, TaxTerms } from '@tax-control/protocol';
import { describe, expect, it } from 'vitest';
import type { DraftLine, InvoiceDraft } from '../api.js';
import { draft } from '../testing/till-folder.js';
import { completeDraft, type OriginalTaxes, type TillFacts } from './complete-draft.js';

const RATES: readonly TaxRate[] = [
  { category: 'lamps', rate: '16', from: '2020-01-01', until: '2025-12-31' },
  { category: 'lamps', rate: '19', from: '2026-01-01', until: null },
  { category: 'books', rate: '7', from: '2020-01-01', until: null },
  { category: 'env', rate: '3', from: '2020-01-01', until: '2025-12-31', levy: 'untaxed' },
];
const LAMPS_16: TaxTerms = { category: 'lamps', rate: '16' };

/** An original of 2025. */
const original = (...taxes: TaxTerms[]): OriginalTaxes => ({
  taxes,
  ofItsDay: [LAMPS_16, { category: 'books', rate: '7' }],
});

function facts(originals: TillFacts['originals']): TillFacts {
  const now = Date.UTC(2026, 5, 1, 12);
  return {
    identity: { terminalId: 'till-1', taxpayerId: 'shop', premisesId: 'street' },
    software: { name: 'Till', version: '1' },
    parameters: { taxRates: [...RATES] },
    now,
    clock: { forInvoice: { clockOffsetMs: 0, clockOffsetAgeSeconds: 0 }, behind: null, moment: now },
    local: (time) => new Date(time).toISOString(),
    dayOf: (dateTime) => dateTime.slice(0, 'yyyy-mm-dd'.length),
    originals,
    idTail: Buffer.alloc(8),
  };
}

/** One piece; a negative price is one that comes back. */
function piece(price: number, more: Partial<DraftLine> = {}): DraftLine {
  const quantity = price < 0 ? '-1' : '1';
  return {
    type: 'goods',
    description: 'Lamp',
    quantity,
    unitPrice: String(Math.abs(price)),
    taxCategory: 'lamps',
    ...more,
  };
}

function taxesOf(
  kind: InvoiceDraft['kind'],
  lines: DraftLine[],
  ...originals: TillFacts['originals'][number][]
): unknown[] {
  const completed = completeDraft(draft('x', { kind, lines, reference: { reason: 'x' } }), facts(originals));
  if (!completed.ok) return completed.problem.errors?.map(({ detail }) => detail) ?? [];
  return completed.invoice.taxes.map(({ category, rate, amount }) => `${category} ${rate}: ${amount}`);
}

describe('the rates of a refund', () => {
  it('are those of each line’s own original, and of no other', () => {
    const both = [piece(-11_900, { original: 0 }), piece(-11_600, { original: 1 })];
    expect(taxesOf('refund', both, null, original(LAMPS_16))).toEqual(['lamps 19: -1900', 'lamps 16: -1600']);
    const books = original({ category: 'books', rate: '7' });
    expect(taxesOf('refund', both, books, original(LAMPS_16))).toEqual(['lamps 19: -1900', 'lamps 16: -1600']);
  });

  it('are those of today for goods that are given in place of others, but not for a bottle that comes along', () => {
    const exchange = [piece(-11_600), piece(11_900)];
    expect(taxesOf('refund', exchange, original(LAMPS_16))).toEqual(['lamps 16: -1600', 'lamps 19: 1900']);
    const withBottle = [piece(-11_600), piece(1_160, { type: 'deposit' })];
    expect(taxesOf('refund', withBottle, original(LAMPS_16))).toEqual(['lamps 16: -1440']);
    // What takes back a bottle return alone is all of it above zero.
    expect(taxesOf('refund', [piece(1_160, { type: 'deposit' })], original(LAMPS_16))).toEqual(['lamps 16: 160']);
    expect(taxesOf('void', exchange, original(LAMPS_16))).toEqual(['lamps 16: 41']);
  });

  it('are that of its day where the original has a category at two, and the line says nothing', () => {
    const ofExchange = original({ category: 'lamps', rate: '14' }, LAMPS_16);
    const turned = [piece(11_400, { taxRate: '14' }), piece(-11_600)];
    expect(taxesOf('void', turned, ofExchange)).toEqual(['lamps 14: 1400', 'lamps 16: -1600']);
    const ofNeither = original({ category: 'lamps', rate: '14' }, { category: 'lamps', rate: '15' });
    expect(taxesOf('void', turned, ofNeither)).toEqual(['Is missing: lamps has 14 %, 15 %.']);
  });

  it('may be of a levy that has ended, if the line states it', () => {
    const levied = [piece(-11_900, { taxCategory: 'books', levies: [{ category: 'env', rate: '3' }] })];
    expect(taxesOf('sale', levied)).toEqual(['books 7: -757', 'env 3: -325']);
    expect(taxesOf('sale', [piece(100, { levies: [{ category: 'env' }] })])).toEqual([
      'No rate is in force for levy "env". No levy has one.',
    ]);
  });
});
