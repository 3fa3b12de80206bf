import { describe, expect, it } from 'vitest';
import type { Verdict } from '../audit/verdict.js';
import { faultsOf, reportLines, reportObject } from './report-lines.js';
import { type ReplayResult, whyNot } from './run-replay.js';

const DAY = {
  day: '2010-12-01',
  invoices: 143,
  refunds: 6,
  lines: 3108,
  sold: 5_863_518,
  refunded: -32_440,
  total: 5_831_078,
};
const HELD: Verdict = {
  id: 'I1',
  title: 'x',
  held: true,
  checked: 1,
  findingCount: 0,
  findings: [],
  noteCount: 0,
  notes: [],
};
const GOOD: ReplayResult = {
  handedOver: [DAY],
  onFile: [DAY],
  issuedOnline: 100,
  storedOffline: 43,
  codes: { given: 143, different: 143 },
  warnings: { negative_sale: 2 },
  notAccepted: [],
  audit: { held: true, environment: 'test', invoices: 143, refused: 0, tillInvoices: 143, verdicts: [HELD] },
};
const plain = (_style: unknown, text: string): string => text;

describe('the verdict of a replay', () => {
  it('is good when all is on file', () => {
    expect(faultsOf(GOOD)).toStrictEqual([]);
    expect(reportLines(GOOD, '20', plain).at(-1)).toBe('✓ All that the shop sold is on file, to the penny.');
  });

  it.each<[string, Partial<ReplayResult>, string]>([
    ['a penny too little', { onFile: [{ ...DAY, total: DAY.total - 1 }] }, 'the ledger has other totals than the shop'],
    ['a line too little', { onFile: [{ ...DAY, lines: DAY.lines - 1 }] }, 'the ledger has other totals than the shop'],
    ['a code twice', { codes: { given: 143, different: 142 } }, 'a code was given twice'],
    [
      'an invoice that was not accepted',
      { notAccepted: [{ saleId: 'day/1', result: 'invalid', why: 'because' }] },
      '1 invoices were not accepted',
    ],
    ['a broken promise', { audit: { ...GOOD.audit, verdicts: [{ ...HELD, held: false }] } }, 'audit: I1 does not hold'],
    [
      'a promise that was not checked',
      { audit: { ...GOOD.audit, verdicts: [{ ...HELD, held: null }] } },
      'audit: I1 does not hold',
    ],
  ])('names %s', (_what, change, fault) => {
    const result = { ...GOOD, ...change };
    expect(faultsOf(result)).toStrictEqual([fault]);
    expect(reportLines(result, '20', plain).at(-1)).toBe(`✗ ${fault}`);
  });

  it('tells rate, warnings, and why something was not accepted', () => {
    const notAccepted = [{ saleId: 'day/1', result: 'invalid', why: 'because' }];
    const text = reportLines({ ...GOOD, notAccepted }, '17.5', plain).join('\n');
    expect(text).toContain('include 17.5 % VAT');
    expect(text).toMatch(/warning negative_sale +2/);
    expect(text).toContain('day/1: invalid: because');
  });

  it('is an object for programs', () => {
    expect(reportObject(GOOD, '20')).toMatchObject({
      invoices: 143,
      refunds: 6,
      lines: 3108,
      total: 5_831_078,
      vatRate: '20',
      duplicateCodes: 0,
      warnings: { negative_sale: 2 },
      notAccepted: [],
      faults: [],
      audit: { I1: true },
    });
  });
});

describe('whyNot', () => {
  it('tells what kept an invoice from its code', () => {
    expect(whyNot({ result: 'invalid', saleId: 'day/1', detail: 'because' })).toStrictEqual({
      saleId: 'day/1',
      result: 'invalid',
      why: 'because',
    });
  });

  it('does not pass over an invoice that was never handed over', () => {
    expect(() => whyNot(undefined)).toThrow('never handed');
  });
});
