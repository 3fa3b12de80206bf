import {
  type Invoice,
  type IssueAnswer,
  LIMITS,
  type Problem,
  type ProblemCode,
  type WarningCode,
} from '@tax-control/protocol';
import { makeInvoice, makeLine } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { receiptOf, type SignedSale, type Till, turned, warningsOf } from '../issuance/office.js';
import type { Answer } from '../support/client.js';
import {
  aProblem,
  type BadInputGround,
  Counter,
  NOTHING_STORED,
  outcomeOf,
  refusalOf,
  refusedWith,
  startBadInputGround,
} from './ground.js';

const HOUR_MS = 3_600_000;
/** The time so many hours from now, RFC 3339, and its day, both in UTC. */
const timeOf = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();
const dayOf = (hours: number): string => timeOf(hours).slice(0, 'YYYY-MM-DD'.length);
const MAX = Number.MAX_SAFE_INTEGER;

let ground: BadInputGround;
let till: Till;
let counter: Counter;
beforeAll(async () => {
  ground = await startBadInputGround({ offlineHoursMax: 24, offlineInvoicesMax: 2, offlineSalesMax: 5_000 });
  till = await ground.newTill();
  counter = new Counter(ground.server, till);
});
afterAll(async () => {
  counter.close();
  await ground.stop();
});

/** A line without tax whose amount is the discount's alone, so that any amount goes. */
const amountLine = (amount: number): Invoice['lines'][number] => ({
  ...makeLine(),
  taxCategory: 'zero',
  quantity: '0',
  unitPrice: '0',
  discount: -amount,
  amount,
});

/** An invoice of lines without tax. */
function untaxed(...lines: Invoice['lines']): Partial<Invoice> {
  const base = lines.reduce((sum, { amount }) => sum + amount, 0);
  return {
    lines,
    taxes: [{ category: 'zero', rate: '0', base, amount: 0 }],
    total: base,
    payments: [{ method: 'cash', amount: base }],
  };
}

describe('an invoice that was signed and is not believed', () => {
  const twoUnitsOff = { ...makeLine(), amount: makeLine().amount + 2 };
  const withoutCategory = (): Invoice['lines'][number] => {
    const { taxCategory: _category, ...line } = makeLine();
    return line;
  };

  it.each<[string, ProblemCode, string | undefined, () => Partial<Invoice>]>([
    ['names another terminal', 'wrong_terminal', '/terminalId', () => ({ terminalId: 'another' })],
    ['names another taxpayer', 'wrong_taxpayer', '/taxpayerId', () => ({ taxpayerId: 'another' })],
    ['names other premises', 'wrong_premises', '/premisesId', () => ({ premisesId: 'another' })],
    ['is a refund of nothing, for no reason', 'reference_missing', '/reference', () => ({ kind: 'refund' })],
    ['is a void of nothing, for no reason', 'reference_missing', '/reference', () => ({ kind: 'void' })],
    ['has a line two units off', 'line_arithmetic', '/lines/0/amount', () => ({ lines: [twoUnitsOff] })],
    [
      'has a line without tax category',
      'tax_arithmetic',
      '/lines/0/taxCategory',
      () => ({ lines: [withoutCategory(), makeLine(1)] }),
    ],
    [
      'has a tax that is not the rate’s share',
      'tax_arithmetic',
      '/taxes/0',
      () => ({ lines: [makeLine()], taxes: [{ category: 'standard', rate: '20', base: 200, amount: 55 }] }),
    ],
    [
      'has a tax for a category that no line has',
      'tax_arithmetic',
      '/taxes/1',
      () => ({
        ...untaxed(amountLine(5)),
        taxes: [
          { category: 'zero', rate: '0', base: 5, amount: 0 },
          { category: 'reduced', rate: '5', base: 0, amount: 0 },
        ],
      }),
    ],
    ['has another total', 'total_arithmetic', '/total', () => ({ total: 1 })],
    ['was not paid', 'payment_arithmetic', '/payments', () => ({ payments: [] })],
    [
      'has lines beyond 2^53 together',
      'amount_unsafe',
      '/lines',
      () => ({ ...untaxed(amountLine(MAX), amountLine(1)), total: 0, taxes: [], payments: [] }),
    ],
    [
      'has lines beyond 2^53 that cancel out',
      'amount_unsafe',
      '/lines',
      () => untaxed(amountLine(MAX), amountLine(-MAX)),
    ],
    [
      'was paid with more than 2^53 that cancels out',
      'amount_unsafe',
      '/payments',
      () => ({
        ...untaxed(amountLine(0)),
        payments: [
          { method: 'cash', amount: MAX },
          { method: 'card', amount: -MAX },
        ],
      }),
    ],
  ])('because it %s: %s', async (_what, code, pointer, change) => {
    const { invoice, jws } = till.sign(change());
    expect(await outcomeOf(ground, counter, () => counter.issue(jws))).toEqual(refusedWith(code, pointer));
    const { id, journalId } = invoice;
    const claims = { invoice_id: id, journal_id: journalId, counter: String(invoice.counter) };
    expect(await refusalOf(ground, till, jws)).toMatchObject({ cause: code, ...claims });
  });

  it('is believed with one unit of rounding in a line, and with amounts up to the last safe integer', async () => {
    const oneUnitOff = { ...makeLine(), amount: makeLine().amount + 1 };
    for (const invoice of [{ lines: [oneUnitOff] }, untaxed(amountLine(MAX)), untaxed(amountLine(-MAX))])
      expect((await counter.issue(till.sign(invoice).jws)).json()).toMatchObject({ result: 'issued' });
  });

  it('an identity with other content is a conflict, and what was there first stays', async () => {
    const first = till.sign();
    const issued = (await counter.issue(first.jws)).json();
    const other = till.sign({ id: first.invoice.id, counter: first.invoice.counter, number: 'another' });
    const { answer, stored } = await ground.storing(() => counter.issue(other.jws));
    expect([answer.status, answer.json()]).toEqual([409, aProblem('identity_conflict', { retry: 'never' })]);
    expect(stored).toEqual({ ...NOTHING_STORED, refused: 1 });
    expect((await counter.issue(first.jws)).json()).toMatchObject({
      result: 'already_issued',
      receipt: issued.receipt,
    });
  });
});

describe('an invoice that is odd', () => {
  type Door = (jws: string) => Promise<Answer<IssueAnswer & Problem>>;
  const online: Door = (jws) => counter.issue(jws);
  const sold = async (overrides: Partial<Invoice> = {}): Promise<SignedSale> => {
    const sale = till.sign(overrides);
    expect((await counter.issue(sale.jws)).json()).toMatchObject({ result: 'issued' });
    return sale;
  };
  const takingBack = (
    kind: 'refund' | 'void',
    { invoice }: SignedSale,
    more: Partial<Invoice> = {},
  ): Partial<Invoice> => {
    const { lines, businessDay, id, terminalId } = invoice;
    return { kind, lines: turned(lines), businessDay, reference: { terminalId, invoiceId: id }, ...more };
  };

  it.each<[string, WarningCode[], () => Promise<Partial<Invoice>> | Partial<Invoice>]>([
    [
      'a refund of an unknown original',
      ['original_unknown'],
      () => ({
        kind: 'refund',
        lines: turned([makeLine()]),
        reference: { terminalId: 'till-0', invoiceId: '01990000-0000-7000-8000-000000000000' },
      }),
    ],
    [
      'a refund of an unknown code',
      ['original_unknown'],
      () => ({ kind: 'refund', lines: turned([makeLine()]), reference: { code: '9'.repeat(20) } }),
    ],
    [
      'a refund with the sign of a sale',
      ['refund_sign_wrong'],
      async () => {
        const { lines } = makeInvoice();
        return takingBack('refund', await sold({ lines }), { lines });
      },
    ],
    [
      'a rounding line of any size',
      ['rounding_too_large'],
      () => ({
        lines: [makeLine(), { type: 'rounding', description: '', quantity: '1', unitPrice: '49900', amount: 49_900 }],
      }),
    ],
    [
      'a second refund of the same sale',
      ['refunds_above_original'],
      async () => {
        const sale = await sold();
        await sold(takingBack('refund', sale));
        return takingBack('refund', sale);
      },
    ],
    [
      'a second void of the same sale',
      ['refunds_above_original', 'original_already_voided'],
      async () => {
        const sale = await sold();
        await sold(takingBack('void', sale));
        return takingBack('void', sale);
      },
    ],
    [
      'a void on another business day',
      ['void_on_other_business_day'],
      async () => takingBack('void', await sold({ businessDay: dayOf(-24) }), { businessDay: dayOf(0) }),
    ],
    [
      'a rate that was not in force',
      ['rate_not_in_force'],
      () => ({ lines: [makeLine()], taxes: [{ category: 'standard', rate: '19', base: 214, amount: 41 }] }),
    ],
    [
      'a refund with another rate than its original’s',
      ['rate_not_of_original'],
      async () =>
        takingBack('refund', await sold({ lines: [makeLine()] }), {
          taxes: [{ category: 'standard', rate: '19', base: -214, amount: -41 }],
        }),
    ],
    [
      'a refund of itself',
      ['original_unknown'],
      () => {
        const invoiceId = '01990000-0000-7000-8000-00000000ffff';
        return {
          id: invoiceId,
          kind: 'refund',
          lines: turned([makeLine()]),
          reference: { terminalId: till.terminalId, invoiceId },
        };
      },
    ],
    ['a negative sale', ['negative_sale'], () => untaxed(amountLine(-100))],
    ['a counter used twice', ['counter_fork'], () => ({ counter: 1, number: 'another' })],
    [
      'a clock two minutes slow, never measured',
      ['clock_off'],
      () => ({ issuedAt: timeOf(-2 / 60), clockOffsetMs: null, clockOffsetAgeSeconds: null }),
    ],
    ['a clock an hour slow, whatever the till measured', ['clock_off'], () => ({ issuedAt: timeOf(-1) })],
    [
      'a clock that is behind the parameters',
      ['clock_off', 'signed_outside_validity', 'clock_behind'],
      () => ({ issuedAt: '2000-01-01T00:00:00Z', clockOffsetMs: null, clockBehind: timeOf(-1) }),
    ],
    [
      'a business day of another month',
      ['rate_not_in_force', 'business_day_far'],
      () => ({ businessDay: '1970-06-01' }),
    ],
    [
      'a sale that was entered later',
      ['entered_later'],
      () => ({ issuedAt: timeOf(-3), enteredLater: { at: timeOf(0), reason: 'no power' } }),
    ],
    ['a clock two minutes fast', ['clock_off'], () => ({ issuedAt: new Date(Date.now() + 120_000).toISOString() })],
    ['a clock that the till knows to be wrong', ['clock_off'], () => ({ clockOffsetMs: LIMITS.clockOffsetMsMax + 1 })],
    [
      'a clock offset that no clock has',
      ['rate_not_in_force', 'clock_off'],
      () => ({ clockOffsetMs: Number.MAX_SAFE_INTEGER }),
    ],
    ['the same, to the other side', ['clock_off'], () => ({ clockOffsetMs: Number.MIN_SAFE_INTEGER })],
    [
      'a clock in 1900',
      ['rate_not_in_force', 'clock_off', 'signed_outside_validity'],
      () => ({ issuedAt: '1900-01-01T00:00:00+23:59' }),
    ],
    [
      'a clock in 2999',
      ['clock_off', 'signed_outside_validity'],
      () => ({ issuedAt: '2999-12-31T23:59:59.999-23:59' }),
    ],
  ])('is issued and flagged (%s: %j)', async (_what, warnings, make) => {
    const made = await make();
    const next = till.counter + 1;
    const { jws } = till.sign(made);
    const { answer, stored } = await ground.storing(() => online(jws));
    till.counter = Math.max(till.counter, next);
    expect([answer.status, answer.json().result, warningsOf(answer.json())]).toEqual([200, 'issued', warnings]);
    for (const { detail } of answer.json().warnings) expect(detail).not.toBe('');
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 1, content: 1, warnings: warnings.length });
    // Asked again it is the same in every word.
    expect((await online(jws)).json()).toMatchObject({
      ...answer.json(),
      result: 'already_issued',
      allowance: expect.any(Number) as number,
    });
  });

  it('that waited is flagged by hours, number and sum at the late door', async () => {
    const offline = await ground.newTill({ notBefore: new Date(Date.now() - 72 * HOUR_MS) });
    const late = new Counter(ground.server, offline);
    const waiting = [30, 20, 10].map(
      (hours) => offline.sign({ issuedAt: new Date(Date.now() - hours * HOUR_MS).toISOString() }).jws,
    );
    const { answer, stored } = await ground.storing(() => late.reissue(waiting));
    late.close();
    expect(answer.json().results.map(warningsOf)).toEqual([
      ['offline_hours_exceeded'],
      [],
      ['offline_invoices_exceeded', 'offline_sales_exceeded'],
    ]);
    expect(stored).toEqual({ ...NOTHING_STORED, ledger: 3, content: 3, warnings: 3 });
  });

  it('because its certificate was revoked after the sale, is issued from another of the terminal’s', async () => {
    const old = await ground.newTill();
    const sale = old.sign();
    await ground.ground.superuser.query('UPDATE terminal_certificate SET revoked_at = now() WHERE thumbprint = $1', [
      old.terminal.thumbprint,
    ]);
    const renewed = new Counter(ground.server, await ground.newTill({ terminalId: old.terminalId }));
    const answer = await renewed.issue(sale.jws);
    renewed.close();
    expect(warningsOf(answer.json())).toEqual(['signing_certificate_revoked']);
    expect(receiptOf(answer.json())).toMatchObject({ invoiceId: sale.invoice.id });
  });
});

it('no bug was met on the way', () => {
  expect(ground.server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
});
