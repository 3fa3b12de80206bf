import {
  headOf,
  type Invoice,
  type InvoiceLine,
  type JudgedWarning,
  WARNING_SENTENCES,
  warningSentence,
  type WarningSentence,
} from '@tax-control/protocol';
import { makeInvoice, makeLine } from '@tax-control/protocol/testing';
import { describe, expect, it } from 'vitest';
import type { AuthenticInvoice } from './authentic-invoice.js';
import { type InvoiceFacts, judgeWarnings, type Rules } from './judge-warnings.js';
import type { InvoiceIdentity } from '../ledger/identity.js';
import { type OriginalFacts, originalOfInvoice, type TakenPart } from '../ledger/originals.js';
import { takingsOf } from './taken-back.js';

const SOLD_AT = Date.UTC(2026, 10, 22, 17, 5);
const HOUR_MS = 3_600_000;

const RULES: Rules = {
  taxRates: [
    { category: 'standard', rate: '20.00', from: '2011-01-04', until: null },
    { category: 'standard', rate: '17.5', from: '2010-01-01', until: '2011-01-03' },
    { category: 'reduced', rate: '5', from: '1997-09-01', until: null },
  ],
  offlineLimits: { hoursMax: 72, invoicesMax: 10, salesMax: 1000, atLimit: 'warn' },
};

const NOTHING: InvoiceFacts = { counterUsed: false, numberUsed: null, originals: [], takings: [], waiting: null };

const IDENTITY = { terminalId: 'terminal-1', invoiceId: '019aa000-0000-7000-8000-000000000001' };

function priced(amount: number, more: Partial<InvoiceLine> = {}): InvoiceLine {
  return { ...makeLine(), quantity: '1', unitPrice: String(amount), amount, ...more };
}

function rounding(amount: number): InvoiceLine {
  return { type: 'rounding', description: 'Rounding', quantity: '1', unitPrice: String(amount), amount };
}

/** Of a till that was there before all changes of rate. */
const OLD_SIGNER = { thumbprint: 'x', notBefore: 0, notAfter: SOLD_AT + HOUR_MS, revokedAt: null };

function originalOf(lines: readonly InvoiceLine[], overrides: Partial<Invoice> = {}): OriginalFacts {
  return originalOfInvoice(headOf(makeInvoice({ lines: [...lines], ...overrides })), []);
}

const ORIGINAL = originalOf([priced(680)]);

const REFUND: Partial<Invoice> = { kind: 'refund', reference: IDENTITY, lines: [priced(-680)] };

function authentic(overrides: Partial<Invoice> = {}, others: Partial<AuthenticInvoice> = {}): AuthenticInvoice {
  const signer = { thumbprint: 'x', notBefore: SOLD_AT - HOUR_MS, notAfter: SOLD_AT + HOUR_MS, revokedAt: null };
  const invoice = headOf(makeInvoice({ issuedAt: new Date(SOLD_AT).toISOString(), ...overrides }));
  return {
    invoice,
    payload: Buffer.of(),
    digest: Buffer.of(),
    signature: Buffer.of(),
    header: null,
    signer,
    soldAt: SOLD_AT,
    arrival: { door: 'issue', at: SOLD_AT, attemptId: null },
    ...others,
  };
}

type Known = InvoiceFacts['originals'][number];

/** `original`: of a refund that names one; `originals` of one that names several. */
type KnownFacts = Partial<InvoiceFacts> & { readonly original?: Known };

function warnings(judged: AuthenticInvoice, { original, ...facts }: KnownFacts = {}): JudgedWarning[] {
  const { originals = original === undefined ? [] : [original] } = facts;
  const known = new Map<InvoiceIdentity, Known>();
  const { total } = judged.invoice;
  const parts = judged.invoice.parts.map(({ goods }, position): TakenPart => {
    const identity = { terminalId: 'terminal-1', invoiceId: String(position) };
    known.set(identity, originals[position] ?? 'unknown');
    return { identity, isOfSeveral: judged.invoice.parts.length > 1, total, goods };
  });
  const takings = takingsOf(originalOfInvoice(judged.invoice, parts), (identity) => {
    const one = known.get(identity);
    return one === 'unknown' ? undefined : one;
  });
  return judgeWarnings(judged, { ...NOTHING, takings, originals, ...facts }, RULES);
}

function codes(judged: AuthenticInvoice, facts: KnownFacts = {}): string[] {
  return warnings(judged, facts).map(({ code }) => code);
}

describe('an ordinary sale', () => {
  it('has nothing odd about it', () => {
    expect(codes(authentic())).toEqual([]);
  });
});

describe('refunds and voids', () => {
  it('an original that is not on file', () => {
    expect(codes(authentic(REFUND), { original: 'unknown' })).toEqual(['original_unknown']);
  });

  it.each([
    ['the whole', 680, 0n, []],
    ['more than the whole', 681, 0n, ['refunds_above_original']],
    ['the rest', 80, 600n, []],
    ['more than the rest', 81, 600n, ['refunds_above_original']],
  ])('takes back %s', (_case, amount, sold, expected) => {
    const original = { ...ORIGINAL, takenBack: { sold, returned: 0n, lines: 1 } };
    expect(codes(authentic({ ...REFUND, lines: [priced(-amount)] }), { original })).toEqual(expected);
  });

  const beer = [priced(1_200), priced(-100, { type: 'deposit' })];
  it.each<[string, InvoiceLine[], InvoiceLine[], string[]]>([
    ['the beer, but not the bottles', beer, [priced(-1_200)], []],
    ['a penny more than the beer', beer, [priced(-1_201)], ['refunds_above_original']],
    ['the bottles, but not the beer', beer, [priced(100, { type: 'deposit' })], []],
    ['more bottles than came back', beer, [priced(101, { type: 'deposit' })], ['refund_sign_wrong']],
    ['the new article of an exchange at zero', [priced(1_000), priced(-1_000)], [priced(-1_000)], []],
    ['what was paid in cash to the card', [priced(1_002), rounding(-2)], [priced(-1_002)], []],
    ['what was rounded down, rounded up', [priced(499)], [priced(-499), rounding(-1)], []],
    ['a bottle return', [priced(-100, { type: 'deposit' })], [priced(100, { type: 'deposit' })], []],
    ['an exchange in place of goods', [priced(1_000)], [priced(-1_000), priced(1_000)], []],
    [
      'more than there was, in an exchange',
      [priced(1_000)],
      [priced(-1_001), priced(1_001)],
      ['refunds_above_original'],
    ],
  ])('takes back %s', (_case, sold, back, expected) => {
    expect(codes(authentic({ ...REFUND, lines: back }), { original: originalOf(sold) })).toEqual(expected);
  });

  it('of what was divided may be off by a unit for each line, of original and refunds', () => {
    const original = originalOf([
      priced(23_900, { quantity: '10', unitPrice: '2390' }),
      priced(-5_975, { type: 'discount' }),
    ]);
    const single = (amount: number): InvoiceLine[] => Array.from({ length: 10 }, () => priced(-amount));
    expect(codes(authentic({ ...REFUND, lines: single(1_793) }), { original })).toEqual([]);
    expect(codes(authentic({ ...REFUND, lines: [priced(-17_926)] }), { original })).toEqual([]);
    expect(codes(authentic({ ...REFUND, lines: [priced(-17_929)] }), { original })).toEqual(['refunds_above_original']);
  });

  it('have one sign: a refund with that of its original is told once, and takes nothing back', () => {
    expect(codes(authentic({ ...REFUND, lines: [priced(255)] }), { original: ORIGINAL })).toEqual([
      'refund_sign_wrong',
    ]);
    expect(codes(authentic({ ...REFUND, lines: [priced(255)] }), { original: 'unknown' })).toEqual([
      'original_unknown',
      'refund_sign_wrong',
    ]);
    const reference = { reason: 'receipt lost' };
    expect(codes(authentic({ kind: 'refund', reference, lines: [priced(255)] }))).toEqual(['refund_sign_wrong']);
    expect(codes(authentic({ kind: 'void', reference, lines: [priced(255)] }))).toEqual([]);
    expect(codes(authentic({ kind: 'refund', type: 'training', reference, lines: [priced(255)] }))).toEqual([]);
  });

  it('an original that was voided', () => {
    expect(codes(authentic(REFUND), { original: { ...ORIGINAL, voids: 1 } })).toEqual(['original_already_voided']);
  });

  it('a refund in another currency, whose sums are not compared', () => {
    const facts = { original: { ...ORIGINAL, currency: 'EUR' } };
    expect(codes(authentic({ ...REFUND, lines: [priced(-9_999)] }), facts)).toEqual(['original_of_other_currency']);
  });

  it('a void on another business day; a refund may come on any', () => {
    const facts = { original: { ...ORIGINAL, businessDay: '2026-11-21' } };
    expect(codes(authentic({ ...REFUND, kind: 'void' }), facts)).toEqual(['void_on_other_business_day']);
    expect(codes(authentic(REFUND), facts)).toEqual([]);
  });
});

describe('tax rates', () => {
  const taxes = (rate: string) => ({ taxes: [{ category: 'standard', rate, base: 0, amount: 0 }] });

  it.each([
    ['20', '2011-01-04', []],
    ['20.0', '2026-01-01', []],
    ['20', '2011-01-03', ['rate_not_in_force']],
    ['17.5', '2011-01-03', []],
    ['17.50', '2010-01-01', []],
    ['17.5', '2011-01-04', ['rate_not_in_force']],
    ['17.5', '2009-12-31', ['rate_not_in_force']],
  ])('a sale with %s %% on %s', (rate, businessDay, expected) => {
    const issuedAt = `${businessDay}T12:00:00Z`;
    expect(codes(authentic({ ...taxes(rate), businessDay, issuedAt }, { signer: OLD_SIGNER }))).toEqual(expected);
  });

  it.each<[string, string, string, string[]]>([
    ['a bar at 03:00, the day before the change', '2011-01-04T03:00:00Z', '2011-01-03', []],
    ['one day further off', '2011-01-05T03:00:00Z', '2011-01-03', ['rate_not_in_force', 'business_day_far']],
    ['of former times', '2026-11-22T17:05:00Z', '2010-06-01', ['rate_not_in_force', 'business_day_far']],
    ['of the far future', '2010-06-01T12:00:00Z', '2999-12-31', ['rate_not_in_force', 'business_day_far']],
  ])('a business day gives no other rates than the day of sale has: %s', (_case, issuedAt, businessDay, expected) => {
    expect(codes(authentic({ ...taxes('17.5'), businessDay, issuedAt }, { signer: OLD_SIGNER }))).toEqual(expected);
  });

  it.each<[string, Partial<Invoice>, string[]]>([
    ['behind what had passed', { clockOffsetMs: null, clockBehind: '2026-11-20T00:00:00Z' }, ['clock_behind']],
    ['measured to be years behind', { clockOffsetMs: Date.UTC(2010, 5) - SOLD_AT }, ['clock_off']],
  ])('a clock that is %s: the rates are those of the day that is known', (_case, clock, expected) => {
    const wrong = { ...clock, issuedAt: '2010-06-01T00:00:00Z', businessDay: '2010-06-01' };
    expect(codes(authentic({ ...taxes('20'), ...wrong }))).toEqual(expected);
    expect(codes(authentic({ ...taxes('17.5'), ...wrong }))).toContain('rate_not_in_force');
  });

  it.each<[string, Partial<Invoice>]>([
    ['after its arrival', { clockOffsetMs: null, clockBehind: '2030-01-02T00:00:00Z' }],
    ['before its certificate', { clockOffsetMs: SOLD_AT - Date.UTC(2010, 5) }],
  ])('a clock by which the sale was %s gives no other rates', (_case, clock) => {
    const future = { category: 'standard', rate: '7', from: '2030-01-01', until: null };
    const rules = { ...RULES, taxRates: [...RULES.taxRates, future] };
    for (const rate of ['7', '17.5']) {
      const today = authentic({ ...taxes(rate), ...clock, issuedAt: new Date(SOLD_AT).toISOString() });
      expect(judgeWarnings(today, NOTHING, rules).map(({ code }) => code)).toContain('rate_not_in_force');
    }
  });

  it('names every rate that is not in force in one warning', () => {
    const invoice = {
      taxes: [
        { category: 'standard', rate: '21', base: 0, amount: 0 },
        { category: 'unheard-of', rate: '3', base: 0, amount: 0 },
      ],
    };
    const [warning, ...others] = judgeWarnings(authentic(invoice), NOTHING, RULES);
    expect(warning).toMatchObject({ code: 'rate_not_in_force', detail: 'standard 21 %, unheard-of 3 %.' });
    expect(others).toEqual([]);
  });

  it('a refund has its original’s rates, in force or not', () => {
    const original = { ...ORIGINAL, rates: [{ category: 'standard', rate: '17.5' }] };
    expect(codes(authentic({ ...REFUND, ...taxes('17.5') }), { original })).toEqual([]);
    expect(codes(authentic({ ...REFUND, ...taxes('20') }), { original })).toEqual(['rate_not_of_original']);
  });

  describe('of an exchange after a change of rate', () => {
    const back = priced(-1_190, { taxRate: '17.5' });
    const sold = priced(2_320, { taxRate: '20' });

    it('goods that come back have a rate of former times, what is sold does not', () => {
      expect(codes(authentic({ lines: [back, sold] }))).toEqual([]);
      expect(codes(authentic({ lines: [back, { ...sold, taxRate: '17.5' }] }))).toEqual(['rate_not_in_force']);
      expect(codes(authentic({ lines: [{ ...back, taxRate: '21' }, sold] }))).toEqual(['rate_not_in_force']);
    });

    it.each<[string, InvoiceLine[]]>([
      [
        'a cent that comes back, and a discount that lowers nothing',
        [priced(-1, { taxRate: '17.5' }), priced(1_000, { type: 'discount', taxRate: '17.5' })],
      ],
      [
        'a discount at the former rate',
        [
          priced(1_190, { taxRate: '20' }),
          priced(-1, { taxRate: '17.5' }),
          priced(-1_000, { type: 'discount', taxRate: '17.5' }),
        ],
      ],
    ])('is no way to a former rate: %s', (_what, lines) => {
      expect(codes(authentic({ lines }))).toContain('rate_not_in_force');
    });

    it('as a refund: a cent that is given beside makes no rate of today of it', () => {
      const original = { ...originalOf([priced(1_160)]), rates: [{ category: 'standard', rate: '17.5' }] };
      const lines = [priced(-1_160), priced(1)];
      expect(codes(authentic({ kind: 'refund', reference: IDENTITY, lines }), { original })).toEqual([
        'rate_not_of_original',
      ]);
    });

    it('as a refund: the goods have their original’s rate, what is given in their place that of today', () => {
      const original = { ...originalOf([priced(1_190)]), rates: [{ category: 'standard', rate: '17.5' }] };
      const refund = { kind: 'refund' as const, reference: IDENTITY };
      expect(codes(authentic({ ...refund, lines: [back, priced(500, { taxRate: '20' })] }), { original })).toEqual([]);
      expect(codes(authentic({ ...refund, lines: [{ ...back, taxRate: '20' }] }), { original })).toEqual([
        'rate_not_of_original',
      ]);
    });
  });

  it('a levy has a rate of its own, and is none where it is not known as one', () => {
    const levy = { category: 'city', rate: '3', base: 0, amount: 0, levy: 'untaxed' as const };
    const rules = { ...RULES, taxRates: [...RULES.taxRates, { ...levy, from: '2020-01-01', until: null }] };
    const warned = (tax: Invoice['taxes'][number]) =>
      judgeWarnings(authentic({ taxes: [tax] }), NOTHING, rules).map(({ code }) => code);
    expect(warned(levy)).toEqual([]);
    expect(warned({ ...levy, rate: '4' })).toEqual(['rate_not_in_force']);
    expect(warned({ ...levy, levy: 'taxed' })).toEqual(['rate_not_in_force']);
    expect(warned({ category: 'city', rate: '3', base: 0, amount: 0 })).toEqual(['rate_not_in_force']);
  });

  describe('of several originals', () => {
    const reference = { originals: [IDENTITY, { code: '1'.repeat(20) }] };
    const refund = (first: number, second: number) =>
      authentic({
        kind: 'refund',
        reference,
        lines: [priced(-first, { original: 0 }), priced(-second, { original: 1 })],
      });
    const other = originalOf([priced(100)], { businessDay: '2010-06-01' });

    it('each is judged by what is taken back of it', () => {
      expect(codes(refund(680, 100), { originals: [ORIGINAL, other] })).toEqual([]);
      expect(codes(refund(100, 680), { originals: [ORIGINAL, other] })).toEqual(['refunds_above_original']);
      // Something was given in place of the goods of one of them; money goes back all the same.
      expect(codes(refund(680, -100), { originals: [ORIGINAL, other] })).toEqual([]);
      expect(codes(refund(-680, 100), { originals: [ORIGINAL, other] })).toEqual(['refund_sign_wrong']);
      expect(codes(refund(680, 100), { originals: [ORIGINAL, 'unknown'] })).toEqual(['original_unknown']);
      expect(codes(refund(680, 100), { originals: [ORIGINAL, { ...other, voids: 1 }] })).toEqual([
        'original_already_voided',
      ]);
      expect(codes(refund(680, 100), { originals: [ORIGINAL, { ...other, currency: 'EUR' }] })).toEqual([
        'original_of_other_currency',
      ]);
    });

    it('each has its own rates, and one whose content is gone excuses itself alone', () => {
      const old = { ...other, rates: [{ category: 'standard', rate: '17.5' }] };
      const lines = [priced(-680, { original: 0, taxRate: '17.5' }), priced(-100, { original: 1, taxRate: '17.5' })];
      const pooled = authentic({ kind: 'refund', reference, lines });
      expect(codes(pooled, { originals: [ORIGINAL, old] })).toEqual(['rate_not_of_original']);
      expect(codes(pooled, { originals: [{ ...ORIGINAL, rates: null }, old] })).toEqual([]);
      expect(codes(pooled, { originals: [ORIGINAL, { ...old, rates: null }] })).toEqual(['rate_not_of_original']);
    });

    it('the rates are theirs', () => {
      const old = { ...other, rates: [{ category: 'standard', rate: '17.5' }] };
      const lines = [priced(-680, { original: 0, taxRate: '20' }), priced(-100, { original: 1, taxRate: '17.5' })];
      const both = authentic({ kind: 'refund', reference, lines });
      expect(codes(both, { originals: [ORIGINAL, old] })).toEqual([]);
      expect(codes(both, { originals: [ORIGINAL, other] })).toEqual(['rate_not_of_original']);
    });
  });

  it('a refund whose original nobody can see may have a rate of former times, but none of the future', () => {
    const reference = { reason: 'sold before the first server' };
    const refund = { ...REFUND, reference };
    expect(codes(authentic({ ...refund, ...taxes('17.5'), total: -680 }))).toEqual([]);
    const issuedAt = '2010-06-01T12:00:00Z';
    const early = { ...refund, issuedAt, businessDay: '2010-06-01', ...taxes('20'), total: -680 };
    expect(codes(authentic(early))).toEqual(['rate_not_in_force']);
  });

  it('is not judged against an original whose content is gone', () => {
    expect(codes(authentic({ ...REFUND, ...taxes('99') }), { original: { ...ORIGINAL, rates: null } })).toEqual([]);
  });
});

describe('offline limits', () => {
  it('a wrong clock does not wait for years: it is put right by what is known of it', () => {
    const waiting = { invoices: 1, sales: 0n };
    const issuedAt = '2000-01-01T00:00:00Z';
    const arrival = { door: 'reissue', at: SOLD_AT + HOUR_MS, attemptId: null } as const;
    for (const clock of [
      { clockOffsetMs: Date.parse(issuedAt) - SOLD_AT },
      { clockOffsetMs: null, clockBehind: new Date(SOLD_AT).toISOString() },
    ])
      expect(codes(authentic({ issuedAt, ...clock }, { arrival }), { waiting })).not.toContain(
        'offline_hours_exceeded',
      );
    const soldAt = Date.parse(issuedAt);
    const old = (notBefore: number): AuthenticInvoice => {
      const signer = { thumbprint: 'x', notBefore, notAfter: SOLD_AT + HOUR_MS, revokedAt: null };
      return authentic({ issuedAt }, { arrival, soldAt, signer });
    };
    expect(codes(old(soldAt), { waiting })).toContain('offline_hours_exceeded');
    expect(codes(old(SOLD_AT), { waiting })).not.toContain('offline_hours_exceeded');
    expect(codes(old(soldAt), { waiting, beforeSoldAt: SOLD_AT })).not.toContain('offline_hours_exceeded');
  });

  const late = (hours: number) =>
    authentic({}, { arrival: { door: 'reissue', at: SOLD_AT + hours * HOUR_MS, attemptId: null } });

  it('hours, invoices, sales: at the limit nothing, above it a warning each', () => {
    expect(codes(late(72), { waiting: { invoices: 10, sales: 1000n } })).toEqual([]);
    expect(codes(late(72.1), { waiting: { invoices: 11, sales: 1001n } })).toEqual([
      'offline_hours_exceeded',
      'offline_invoices_exceeded',
      'offline_sales_exceeded',
    ]);
  });
});

describe('clocks', () => {
  const arriving = (door: 'issue' | 'reissue', seconds: number, invoice: Partial<Invoice> = {}, isResumed = false) =>
    authentic(invoice, { arrival: { door, at: SOLD_AT + seconds * 1000, attemptId: null, isResumed } });
  const unmeasured = { clockOffsetMs: null, clockOffsetAgeSeconds: null };

  it('online, never measured: a minute to either side', () => {
    expect(codes(arriving('issue', 60, unmeasured))).toEqual([]);
    expect(codes(arriving('issue', 61, unmeasured))).toEqual(['clock_off']);
    expect(codes(arriving('issue', -61, unmeasured))).toEqual(['clock_off']);
  });

  it('online, measured to be right: a bill may be half an hour old', () => {
    expect(codes(arriving('issue', 120))).toEqual([]);
    expect(codes(arriving('issue', 1_800))).toEqual([]);
    expect(codes(arriving('issue', 1_801))).toEqual(['clock_off']);
    expect(codes(arriving('issue', -61))).toEqual(['clock_off']);
  });

  it('a sale that was resumed proves nothing, but that its time had come', () => {
    expect(codes(arriving('issue', 75, unmeasured, true))).toEqual([]);
    expect(codes(arriving('issue', 86_400, unmeasured, true))).toEqual([]);
    expect(codes(arriving('issue', -61, unmeasured, true))).toEqual(['clock_off']);
  });

  it('a sale that was entered later is told as such: its clock and its certificate are judged by when it was entered', () => {
    const at = (seconds: number) => new Date(SOLD_AT + seconds * 1000).toISOString();
    const entry = 3 * 3_600;
    // Renewed since the sale.
    const signer = { thumbprint: 'x', notBefore: SOLD_AT + HOUR_MS, notAfter: SOLD_AT + 9 * HOUR_MS, revokedAt: null };
    const entered = (arrival: number): AuthenticInvoice => ({
      ...arriving('issue', arrival, { ...unmeasured, enteredLater: { at: at(entry), reason: 'no power' } }),
      signer,
    });
    expect(codes(entered(entry))).toEqual(['entered_later']);
    expect(codes(entered(entry + 61))).toEqual(['clock_off', 'entered_later']);
    expect(codes(entered(entry - 61))).toEqual(['clock_off', 'entered_later']);
    const [told] = judgeWarnings(entered(entry), NOTHING, RULES);
    expect(told?.detail).toBe(`Sold at ${at(0)}, entered at ${at(entry)}: no power`);
  });

  it('late: an invoice may be old, but not of the future', () => {
    const waiting = { invoices: 1, sales: 0n };
    expect(codes(arriving('reissue', 3600), { waiting })).toEqual([]);
    expect(codes(arriving('reissue', -61), { waiting })).toEqual(['clock_off']);
  });

  it('what the till measured itself', () => {
    expect(codes(authentic({ clockOffsetMs: 60_000 }))).toEqual([]);
    expect(codes(authentic({ clockOffsetMs: -60_001 }))).toEqual(['clock_off']);
    expect(codes(authentic({ clockOffsetMs: null, clockOffsetAgeSeconds: null }))).toEqual([]);
  });
});

describe('the rest', () => {
  it('counter, total, certificate: in the catalogue’s order', () => {
    const signer = { thumbprint: 'x', notBefore: SOLD_AT + 1000, notAfter: SOLD_AT + HOUR_MS, revokedAt: SOLD_AT };
    expect(codes(authentic({ lines: [priced(-5)] }, { signer }), { counterUsed: true })).toEqual([
      'counter_fork',
      'negative_sale',
      'signing_certificate_revoked',
      'signed_outside_validity',
    ]);
  });

  it('a total of zero is none of our business', () => {
    expect(codes(authentic({ total: 0 }))).toEqual([]);
  });

  it('money for bottles alone makes no negative sale; nor does rounding', () => {
    const bottles = priced(-100, { type: 'deposit' });
    expect(codes(authentic({ lines: [bottles] }))).toEqual([]);
    expect(codes(authentic({ lines: [bottles, priced(50)] }))).toEqual([]);
    expect(codes(authentic({ lines: [bottles, priced(-1)] }))).toEqual(['negative_sale']);
    expect(codes(authentic({ lines: [priced(10), priced(-10), rounding(-1)] }))).toEqual([]);
  });

  it('cash is not rounded by more than its smallest coin', () => {
    const rounded = (amount: number, currency = 'GBP') =>
      codes(authentic({ currency, lines: [priced(100), rounding(amount)] }));
    expect([rounded(4), rounded(-4), rounded(99, 'SEK')]).toEqual([[], [], []]);
    for (const amount of [5, -5, 49_900]) expect(rounded(amount)).toEqual(['rounding_too_large']);
    expect(codes(authentic({ lines: [priced(100), rounding(3), rounding(-3)] }))).toEqual(['rounding_too_large']);
  });

  it('judges rounding by the parameters, where they name the currency', () => {
    const rounded = (amount: number, currency: string) =>
      judgeWarnings(authentic({ currency, lines: [priced(100), rounding(amount)] }), NOTHING, {
        ...RULES,
        cashRoundingMax: { GBP: 9, EUR: 0 },
      }).map(({ code, detail }) => [code, detail]);
    expect([rounded(9, 'GBP'), rounded(4, 'CHF')]).toEqual([[], []]);
    expect(rounded(10, 'GBP')).toEqual([
      ['rounding_too_large', 'By 10 GBP, in the smallest unit; cash is by 9 GBP at most.'],
    ]);
    expect(rounded(1, 'EUR')).toMatchObject([['rounding_too_large', expect.any(String)]]);
    expect(rounded(5, 'CHF')).toMatchObject([['rounding_too_large', expect.any(String)]]);
  });
});

describe('what a warning says', () => {
  const at = (seconds: number): string => new Date(SOLD_AT + seconds * 1000).toISOString();
  const arriving = (seconds: number, door: 'issue' | 'reissue' = 'issue'): Partial<AuthenticInvoice> => ({
    arrival: { door, at: SOLD_AT + seconds * 1000, attemptId: null },
  });
  const unmeasured = { clockOffsetMs: null, clockOffsetAgeSeconds: null };
  const { terminalId, invoiceId } = IDENTITY;
  const code = '1'.repeat(20);
  const ofTwo: Partial<Invoice> = {
    kind: 'refund',
    reference: { originals: [IDENTITY, { code }] },
    lines: [priced(-680, { original: 0 }), priced(-100, { original: 1 })],
  };
  const signer = { thumbprint: 'x', notBefore: SOLD_AT + 1000, notAfter: SOLD_AT + 2000, revokedAt: SOLD_AT };
  const waited = authentic({}, { ...arriving(72.01 * 3_600, 'reissue') });
  const waiting = { invoices: 11, sales: 9_007_199_254_740_993n };

  const cases: [WarningSentence, AuthenticInvoice, KnownFacts, JudgedWarning['facts']][] = [
    ['original_unknown', authentic(REFUND), { original: 'unknown' }, { originals: `${terminalId}/${invoiceId}` }],
    ['original_unknown.as_sale', authentic(ofTwo), { originals: [ORIGINAL, 'unknown'] }, { originals: code }],
    [
      'refunds_above_original',
      authentic({ ...REFUND, lines: [priced(-681)] }),
      { original: ORIGINAL },
      { taken: '681 GBP', available: '680 GBP' },
    ],
    ['original_already_voided', authentic(REFUND), { original: { ...ORIGINAL, voids: 1 } }, {}],
    [
      'void_on_other_business_day',
      authentic({ ...REFUND, kind: 'void' }),
      { original: { ...ORIGINAL, businessDay: '2026-11-21' } },
      { businessDay: '2026-11-22', originalDay: '2026-11-21' },
    ],
    [
      'rate_not_in_force',
      authentic({ taxes: ['21', '22'].map((rate) => ({ category: 'standard', rate, base: 0, amount: 0 })) }),
      {},
      { taxes: 'standard 21 %, standard 22 %' },
    ],
    ['rate_not_of_original', authentic(REFUND), { original: { ...ORIGINAL, rates: [] } }, { taxes: 'standard 20 %' }],
    ['offline_hours_exceeded', waited, { waiting }, { hours: 72.1, hoursMax: 72 }],
    ['offline_invoices_exceeded', waited, { waiting }, { invoices: 11, invoicesMax: 10 }],
    ['offline_sales_exceeded', waited, { waiting }, { sales: '9007199254740993 GBP', salesMax: '1000 GBP' }],
    [
      'counter_fork',
      authentic({ counter: 7 }),
      { counterUsed: true },
      { counter: '7', journalId: authentic().invoice.journalId },
    ],
    ['clock_off.after_arrival', authentic({}, arriving(-61)), {}, { offMs: 61_000 }],
    ['clock_off.before_arrival', authentic(unmeasured, arriving(61)), {}, { offMs: 61_000 }],
    ['clock_off.before_previous', authentic(unmeasured), { beforeSoldAt: SOLD_AT + HOUR_MS }, { offMs: HOUR_MS }],
    ['clock_off.measured_ahead', authentic({ clockOffsetMs: 60_001 }), {}, { offMs: 60_001 }],
    ['clock_off.measured_behind', authentic({ clockOffsetMs: -60_001 }), {}, { offMs: 60_001 }],
    ['negative_sale', authentic({ lines: [priced(-5)] }), {}, { total: '-5 GBP' }],
    ['signing_certificate_revoked', authentic({}, { signer }), {}, { revokedAt: at(0) }],
    ['signed_outside_validity', authentic({}, { signer }), {}, { notBefore: at(1), notAfter: at(2) }],
    [
      'original_of_other_currency',
      authentic(REFUND),
      { original: { ...ORIGINAL, currency: 'EUR' } },
      { currency: 'GBP', originalCurrency: 'EUR' },
    ],
    ['refund_sign_wrong', authentic({ ...REFUND, lines: [priced(5)] }), { original: 'unknown' }, { total: '5 GBP' }],
    [
      'refund_sign_wrong.of_original',
      authentic({ ...REFUND, lines: [priced(5)] }),
      { original: ORIGINAL },
      { total: '5 GBP', originalTotal: '680 GBP' },
    ],
    [
      'rounding_too_large',
      authentic({ lines: [priced(100), rounding(5)] }),
      {},
      { rounding: '5 GBP', roundingMax: '4 GBP' },
    ],
    ['clock_behind', authentic({ clockBehind: at(9) }), {}, { issuedAt: at(0), clockBehind: at(9) }],
    ['business_day_far', authentic({ businessDay: '2026-06-01' }), {}, { businessDay: '2026-06-01', issuedAt: at(0) }],
    [
      'entered_later',
      authentic({ enteredLater: { at: at(60), reason: 'no power' } }),
      {},
      { issuedAt: at(0), enteredAt: at(60), explanation: 'no power' },
    ],
    [
      'entered_later.unexplained',
      authentic({ enteredLater: { at: at(60) } }),
      {},
      { issuedAt: at(0), enteredAt: at(60) },
    ],
    [
      'number_used_before',
      authentic({ number: 'A 1' }),
      { numberUsed: { number: 'a 1', code } },
      { number: 'A 1', otherCode: code, year: '2026' },
    ],
  ];

  it.each(cases)('is kept as facts: %s', (sentence, judged, known, facts) => {
    const said = warnings(judged, known).find((warning) => warningSentence(warning) === sentence);
    const [, reason] = sentence.split('.');
    expect(said?.facts).toEqual(reason === undefined ? facts : { reason, ...facts });
    expect(said?.detail).not.toMatch(/[{}]|undefined|NaN/);
  });

  it('is tried for every sentence that there is', () => {
    expect(cases.map(([sentence]) => sentence)).toEqual(Object.keys(WARNING_SENTENCES));
  });
});
