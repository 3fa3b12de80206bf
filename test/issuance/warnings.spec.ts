import type { Invoice } from '@tax-control/protocol';
import { makeLine } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthenticInvoice } from '../../src/issuance/authentic-invoice.js';
import { contentOf, type Office, openOffice, receiptOf, type Till, turned, warningsOf } from './office.js';

const HOUR_MS = 3_600_000;

let office: Office;
let till: Till;

beforeAll(async () => {
  office = await openOffice({ settings: { offlineHoursMax: 24, offlineInvoicesMax: 3, offlineSalesMax: 5000 } });
  till = await office.till();
});

afterAll(() => office.close());

async function issue(...list: AuthenticInvoice[]): Promise<string[][]> {
  return (await office.issuance.issue(list)).map(({ result }) => warningsOf(result));
}

function refundOf(authentic: AuthenticInvoice, overrides: Partial<Invoice> = {}): Partial<Invoice> {
  const { id: invoiceId, terminalId, lines } = contentOf(authentic);
  const reference = { terminalId, invoiceId };
  return { kind: 'refund', lines: turned(lines), reference, ...overrides };
}

describe('refunds and voids against the ledger', () => {
  it('add up, whichever till they come from, also those in the same list', async () => {
    const sale = await till.sale();
    const otherTill = await office.till();
    expect(await issue(sale)).toEqual([[]]);
    expect(await issue(await otherTill.sale(refundOf(sale)))).toEqual([[]]);
    const twice = [await till.sale(refundOf(sale)), await till.sale(refundOf(sale, { kind: 'void' }))];
    expect(await issue(...twice)).toEqual([['refunds_above_original'], ['refunds_above_original']]);
    expect(await issue(await till.sale(refundOf(sale)))).toEqual([
      ['refunds_above_original', 'original_already_voided'],
    ]);
  });

  it('find their original in their own list', async () => {
    const sale = await till.sale({}, 'reissue');
    const list = [
      sale,
      await till.sale(refundOf(sale, { kind: 'void' }), 'reissue'),
      await till.sale(refundOf(sale), 'reissue'),
    ];
    expect(await issue(...list)).toEqual([[], [], ['refunds_above_original', 'original_already_voided']]);
  });

  it('count what was taken back before their original came, also where it comes in their own list', async () => {
    const [sale, voided] = [await till.sale(), await till.sale()];
    const otherTill = await office.till();
    expect(await issue(await otherTill.sale(refundOf(sale)))).toEqual([['original_unknown']]);
    expect(await issue(await otherTill.sale(refundOf(voided, { kind: 'void' })))).toEqual([['original_unknown']]);
    const list = [sale, await till.sale(refundOf(sale)), voided, await till.sale(refundOf(voided, { kind: 'void' }))];
    expect(await issue(...list)).toEqual([
      [],
      ['refunds_above_original'],
      [],
      ['refunds_above_original', 'original_already_voided'],
    ]);
  });

  it('find it by its code, and only by the whole code', async () => {
    const sale = await till.sale();
    const [outcome] = await office.issuance.issue([sale]);
    const { code } = receiptOf(outcome!.result);
    expect(await issue(await till.sale(refundOf(sale, { reference: { code } })))).toEqual([[]]);
    const other = `${code.slice(0, 12)}${code.slice(12) === '00000000' ? '00000001' : '00000000'}`;
    expect(await issue(await till.sale(refundOf(sale, { reference: { code: other } })))).toEqual([
      ['original_unknown'],
    ]);
    // The second refund by code counts the first one.
    expect(await issue(await till.sale(refundOf(sale, { reference: { code } })))).toEqual([['refunds_above_original']]);
  });

  it('know no original of another taxpayer', async () => {
    const stranger = await office.till({ taxpayerId: 'taxpayer-2' });
    const sale = await till.sale();
    await issue(sale);
    expect(await issue(await stranger.sale(refundOf(sale)))).toEqual([['original_unknown']]);
  });

  it('bear the rates of their original, and come on its business day if they are voids', async () => {
    const [yesterday, today] = [24, 0].map((hours) =>
      new Date(Date.now() - hours * HOUR_MS).toISOString().slice(0, 'YYYY-MM-DD'.length),
    );
    const sale = await till.sale({ businessDay: yesterday! });
    await issue(sale);
    const [line] = contentOf(sale).lines;
    const asReduced: Partial<Invoice> = {
      kind: 'void',
      lines: [{ ...line!, taxCategory: 'reduced', amount: -105, unitPrice: '105', quantity: '-1' }],
      taxes: [{ category: 'reduced', rate: '20', base: -88, amount: -17 }],
      businessDay: today!,
    };
    expect(await issue(await till.sale(refundOf(sale, asReduced)))).toEqual([
      ['void_on_other_business_day', 'rate_not_of_original'],
    ]);
  });

  it('of training take nothing back', async () => {
    const sale = await till.sale();
    await issue(sale);
    expect(await issue(await till.sale(refundOf(sale, { type: 'training' })))).toEqual([[]]);
    expect(await issue(await till.sale(refundOf(sale)))).toEqual([[]]);
  });

  it('are all right with a reason instead of an original', async () => {
    const reference = { reason: 'receipt lost' };
    expect(await issue(await till.sale({ kind: 'refund', lines: turned([makeLine()]), reference }))).toEqual([[]]);
  });
});

describe('sums of refunds under concurrency', () => {
  it('let exactly one of two simultaneous full refunds through unflagged', async () => {
    const sale = await till.sale();
    await issue(sale);
    const tills = await Promise.all([office.till(), office.till(), office.till()]);
    const refunds = await Promise.all(tills.map((one) => one.sale(refundOf(sale))));
    const judged = await Promise.all(refunds.map((refund) => issue(refund)));
    expect(judged.flat().filter((codes) => codes.length === 0)).toHaveLength(1);
    expect(judged.flat().filter((codes) => codes.includes('refunds_above_original'))).toHaveLength(2);
  });
});

describe('counters', () => {
  it('used twice are flagged the second time: on file, in one list, and in two lists at once', async () => {
    const cloned = await office.till();
    expect(await issue(await cloned.sale({ counter: 1 }))).toEqual([[]]);
    expect(await issue(await cloned.sale({ counter: 1 }))).toEqual([['counter_fork', 'number_used_before']]);
    const list = [await cloned.sale({ counter: 2 }), await cloned.sale({ counter: 2 })];
    expect(await issue(...list)).toEqual([[], ['counter_fork', 'number_used_before']]);
    const [one, other] = [await cloned.sale({ counter: 3 }), await cloned.sale({ counter: 3 })];
    const both = (await Promise.all([issue(one), issue(other)])).flat();
    expect(both.toSorted((a, b) => a.length - b.length)).toEqual([[], ['counter_fork', 'number_used_before']]);
  });

  it('are a journal’s own: another journal, or another terminal with the same journal id, is no fork', async () => {
    const [one, other] = [await office.till(), await office.till()];
    other.journalId = one.journalId;
    expect(await issue(await one.sale(), await other.sale())).toEqual([[], []]);
    const outcomes = await office.issuance.issue([await one.sale(), await other.sale({ counter: 9 })]);
    expect(outcomes.map(({ lastCounter }) => lastCounter)).toEqual([2, 9]);
  });

  it('tell the highest on file, whatever comes late', async () => {
    const late = await office.till();
    await issue(await late.sale({ counter: 7 }));
    const [outcome] = await office.issuance.issue([await late.sale({ counter: 3 })]);
    expect(outcome).toMatchObject({ lastCounter: 7, result: { warnings: [] } });
  });
});

describe('the shop’s number', () => {
  const codeOf = async (sale: AuthenticInvoice): Promise<string> => {
    const [outcome] = await office.issuance.issue([sale]);
    return receiptOf(outcome!.result).code;
  };
  const warned = async (...list: AuthenticInvoice[]): Promise<string[][]> =>
    (await office.issuance.issue(list)).map(({ result }) =>
      'warnings' in result
        ? result.warnings.map(({ code, detail }) => `${code} ${/[0-9]{20}/.exec(detail)?.[0] ?? ''}`)
        : [],
    );

  it('is told with the other code where another sale had it: on file, in one list, and whatever its spelling', async () => {
    const one = await office.till();
    const sale = (number: string): Promise<AuthenticInvoice> => one.sale({ number });
    const code = await codeOf(await sale('Caf\u00E9\u00A07'));
    expect(await warned(await sale('CAFE\u0301 7'))).toEqual([[`number_used_before ${code}`]]);
    const [first, ...rest] = await Promise.all(Array.from({ length: 6 }, () => sale('six')));
    const six = await warned(first!, ...rest);
    expect(six.map(({ length }) => length)).toEqual([0, 1, 1, 1, 1, 1]);
    expect(new Set(six.slice(1).flat())).toEqual(new Set([`number_used_before ${await codeOf(first!)}`]));
  });

  it('may be the same at another till, in another year, on a refund, on what is not fiscal, and on what it corrects', async () => {
    const [one, other] = [await office.till(), await office.till()];
    const number = 'A-1';
    const first = await one.sale({ number });
    expect(await issue(first)).toEqual([[]]);
    expect(await issue(await other.sale({ number }))).toEqual([[]]);
    const sold = { terminalId: first.invoice.terminalId, invoiceId: first.invoice.id };
    const lines = turned([makeLine()]);
    expect(await issue(await one.sale({ number, kind: 'refund', lines, reference: sold }))).toEqual([[]]);
    for (const type of ['training', 'proforma', 'copy', 'advance'] as const)
      expect(await issue(await one.sale({ number, type }))).toEqual([[]]);
    expect(await issue(await one.sale({ number, supersedes: sold }))).toEqual([[]]);
    const lastYear = `${Number(first.invoice.businessDay.slice(0, 4)) - 1}-06-01`;
    expect((await issue(await one.sale({ number, businessDay: lastYear }))).flat()).not.toContain('number_used_before');
    // And training comes in no sale's way.
    expect(await issue(await one.sale({ number: 'B-1', type: 'training' }), await one.sale({ number: 'B-1' }))).toEqual(
      [[], []],
    );
  });

  it('is one of two where spaces part it otherwise', async () => {
    const one = await office.till();
    expect(await issue(await one.sale({ number: '1 11' }), await one.sale({ number: '11 1' }))).toEqual([[], []]);
    expect(await issue(await one.sale({ number: '1\u00A0 11' }))).toEqual([['number_used_before']]);
  });

  it('of the same invoice, sent again, is its own', async () => {
    const sale = await (await office.till()).sale({ number: 'again' });
    expect(await issue(sale, sale)).toEqual([[], []]);
    expect(await issue(sale)).toEqual([[]]);
  });

  it('is used once without a warning by two that come at once', async () => {
    const one = await office.till();
    const list = await Promise.all(Array.from({ length: 8 }, () => one.sale({ number: 'at once' })));
    const judged = (await Promise.all(list.map((sale) => issue(sale)))).flat();
    expect(judged.filter((codes) => codes.length === 0)).toHaveLength(1);
  });
});

describe('offline limits', () => {
  const soldBefore = (hours: number): Partial<Invoice> => ({
    issuedAt: new Date(Date.now() - hours * HOUR_MS).toISOString(),
  });

  it('count what waited together, over several lists of one outage, and forget what was reported before the sale', async () => {
    const offline = await office.till();
    const backlog = await Promise.all([2.5, 2.4, 2.3].map((hours) => offline.sale(soldBefore(hours), 'reissue')));
    // 1,955 each: the third is over the limit of 5,000.
    expect(await issue(...backlog.slice(0, 2))).toEqual([[], []]);
    expect(await issue(...backlog.slice(2))).toEqual([['offline_sales_exceeded']]);
    const fourth = await offline.sale(soldBefore(2.2), 'reissue');
    expect(await issue(fourth)).toEqual([['offline_invoices_exceeded', 'offline_sales_exceeded']]);
    // Sold after all of these were reported: nothing else waited.
    expect(await issue(await offline.sale({}, 'reissue'))).toEqual([[]]);
  });

  it('flag what waited too long, at the late door alone', async () => {
    const offline = await office.till({ notBefore: new Date(Date.now() - 48 * HOUR_MS) });
    expect(await issue(await offline.sale(soldBefore(25), 'reissue'))).toEqual([['offline_hours_exceeded']]);
    expect(await issue(await offline.sale(soldBefore(23), 'reissue'))).toEqual([[]]);
  });
});

describe('warnings', () => {
  it('are stored, and told again with the same receipt, in the same order', async () => {
    const odd = await till.sale({ counter: 1, issuedAt: '1970-01-01T00:00:00Z', businessDay: '1970-01-01' });
    const [first] = await office.issuance.issue([odd]);
    const expected = ['rate_not_in_force', 'counter_fork', 'clock_off', 'signed_outside_validity'];
    expect(warningsOf(first!.result)).toEqual(expected);
    const [again] = await office.issuance.issue([odd]);
    expect(again!.result).toEqual({ ...first!.result, result: 'already_issued' });
  });

  it('tell of a certificate that was revoked after the sale, and of one that had run out', async () => {
    const yesterday = new Date(Date.now() - 24 * HOUR_MS);
    const old = await office.till({
      certificateRevoked: true,
      notBefore: yesterday,
      notAfter: new Date(Date.now() - HOUR_MS),
    });
    expect(await issue(await old.sale())).toEqual([['signing_certificate_revoked', 'signed_outside_validity']]);
  });
});
