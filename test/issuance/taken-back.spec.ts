import type { Invoice, InvoiceKind, InvoiceLine } from '@tax-control/protocol';
import { makeLine } from '@tax-control/protocol/testing';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AuthenticInvoice } from '../../src/issuance/authentic-invoice.js';
import { findByIdentity } from '../../src/ledger/public-record.js';
import { contentOf, type Office, openOffice, receiptOf, type Till, turned, warningsOf } from './office.js';

let office: Office;
let till: Till;

beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.close());

async function issue(...list: AuthenticInvoice[]): Promise<string[][]> {
  return (await office.issuance.issue(list)).map(({ result }) => warningsOf(result));
}

function priced(amount: number, more: Partial<InvoiceLine> = {}): InvoiceLine {
  return { ...makeLine(), quantity: '1', unitPrice: String(amount), amount, ...more };
}

/** Lines that take others back; those of one original say of none that they are its own. */
function back(lines: InvoiceLine[]): InvoiceLine[] {
  return turned(lines).map(({ original: _original, ...line }) => line);
}

function of(authentic: AuthenticInvoice): Pick<Invoice, 'lines' | 'reference'> {
  const { id: invoiceId, terminalId, lines } = contentOf(authentic);
  return { lines: back(lines), reference: { terminalId, invoiceId } };
}

/** A refund that takes back the first lines of several. */
function ofSeveral(share: number, ...several: AuthenticInvoice[]): Partial<Invoice> {
  return {
    kind: 'refund',
    reference: { originals: several.map((one) => ({ terminalId: one.invoice.terminalId, invoiceId: one.invoice.id })) },
    lines: several.flatMap((one, original) =>
      back(contentOf(one).lines)
        .slice(0, share)
        .map((line) => ({ ...line, original })),
    ),
  };
}

/** Issues one that takes back the whole of another; no warning is expected unless it is named. */
async function takeBack(
  kind: InvoiceKind,
  original: AuthenticInvoice,
  ...warnings: string[]
): Promise<AuthenticInvoice> {
  const taker = await till.sale({ kind, ...of(original) });
  expect(await issue(taker)).toEqual([warnings]);
  return taker;
}

async function sell(...lines: InvoiceLine[]): Promise<AuthenticInvoice> {
  const sale = await till.sale({ lines });
  expect(await issue(sale)).toEqual([[]]);
  return sale;
}

/** Of the till, by the view that all figures come from. */
async function figures(): Promise<{ turnover: string; tax: string }> {
  const { rows } = await office.pool.query<{ turnover: string; tax: string }>(
    `SELECT sum(amount) FILTER (WHERE figure = 'invoices') AS turnover, sum(amount) FILTER (WHERE figure = 'tax') AS tax
     FROM invoice_figure WHERE terminal_id = $1`,
    [till.terminalId],
  );
  return rows[0]!;
}

async function isVoided(authentic: AuthenticInvoice): Promise<boolean | undefined> {
  const { terminalId, id } = authentic.invoice;
  return (await findByIdentity(office.pool, terminalId, id))?.isVoided;
}

describe('what was taken back', () => {
  it('is taken back no more once the refund is voided: turnover, tax, and what may be refunded', async () => {
    till = await office.till();
    const sale = await sell(priced(10_000));
    const refund = await takeBack('refund', sale);
    await takeBack('void', refund);
    expect(await figures()).toEqual({ turnover: '10000', tax: '1667' });
    await takeBack('refund', sale);
    expect(await figures()).toEqual({ turnover: '0', tax: '0' });
    await takeBack('refund', sale, 'refunds_above_original');
  });

  it('counts again once the void of the refund is voided, and that void is flagged', async () => {
    till = await office.till();
    const sale = await sell(priced(10_000));
    const refund = await takeBack('refund', sale);
    const ofRefund = await takeBack('void', refund);
    const second = await takeBack('refund', sale);
    const ofVoid = await takeBack('void', ofRefund, 'refunds_above_original');
    await takeBack('void', ofVoid);
    await takeBack('void', second);
    await takeBack('refund', sale);
    expect(await figures()).toEqual({ turnover: '0', tax: '0' });
  });

  it('is less what the customer bought back by a refund of the refund', async () => {
    till = await office.till();
    const sale = await sell(priced(10_000));
    const refund = await takeBack('refund', sale);
    const backAgain = await till.sale({ kind: 'refund', ...of(refund), lines: [priced(4_000)] });
    expect(await issue(backAgain)).toEqual([[]]);
    const rest = { kind: 'refund' as const, reference: of(sale).reference! };
    expect(await issue(await till.sale({ ...rest, lines: [priced(-4_000)] }))).toEqual([[]]);
    expect(await issue(await till.sale({ ...rest, lines: [priced(-1)] }))).toEqual([['refunds_above_original']]);
  });

  it('of a bottle return is the money for the bottles, once', async () => {
    till = await office.till();
    const bottles = await sell(priced(-100, { type: 'deposit' }));
    await takeBack('void', bottles);
    expect(await figures()).toEqual({ turnover: '0', tax: '0' });
    await takeBack('void', bottles, 'refunds_above_original', 'original_already_voided');
  });

  it('with the sign of its original leaves the sale as it was', async () => {
    till = await office.till();
    const sale = await sell(priced(255));
    const wrong = await till.sale({ kind: 'refund', reference: of(sale).reference!, lines: [priced(255)] });
    expect(await issue(wrong)).toEqual([['refund_sign_wrong']]);
    expect(await figures()).toMatchObject({ turnover: '510' });
    await takeBack('refund', sale);
  });

  it('by another taxpayer counts nowhere', async () => {
    till = await office.till();
    const sale = await sell(priced(255));
    const stranger = await office.till({ taxpayerId: 'taxpayer-2' });
    expect(await issue(await stranger.sale({ kind: 'void', ...of(sale) }))).toEqual([['original_unknown']]);
    expect(await isVoided(sale)).toBe(false);
    await takeBack('refund', sale);
  });

  it('is compared with what was sold by the signed bytes, where an earlier version wrote no such columns', async () => {
    till = await office.till();
    const mixed = await sell(priced(1_200), priced(-100, { type: 'deposit' }));
    await office.ground.superuser.query(
      'UPDATE ledger SET sold = NULL, returned = NULL, lines = NULL, is_exact = NULL WHERE invoice_id = $1',
      [mixed.invoice.id],
    );
    const beer = (amount: number) =>
      till.sale({ kind: 'refund', reference: of(mixed).reference!, lines: [priced(amount)] });
    expect(await issue(await beer(-1_200))).toEqual([[]]);
    expect(await issue(await beer(-1))).toEqual([['refunds_above_original']]);
  });

  it('tells the customer that a sale is voided as long as its void is not', async () => {
    till = await office.till();
    const sale = await sell(priced(255));
    const ofSale = await takeBack('void', sale);
    expect(await isVoided(sale)).toBe(true);
    await takeBack('void', ofSale);
    expect([await isVoided(sale), await isVoided(ofSale)]).toEqual([false, true]);
  });

  it('looks into so many refunds of one invoice and no more, whatever a till piles up', async () => {
    till = await office.till();
    const sale = await sell(priced(1_000));
    for (let count = 0; count < 5; count += 1) {
      const refund = await till.sale({ kind: 'refund', reference: of(sale).reference!, lines: [priced(-1)] });
      await issue(refund, await till.sale({ kind: 'void', ...of(refund) }));
    }
    const takenBack = async (levels: number, width: number): Promise<string> => {
      const { rows } = await office.pool.query<{ sold: string }>(
        `SELECT back.sold FROM ledger, taken_back(terminal_id, invoice_id, taxpayer_id, currency, true, $2, $3) AS back
         WHERE invoice_id = $1`,
        [sale.invoice.id, levels, width],
      );
      return rows[0]!.sold;
    };
    expect(await Promise.all([takenBack(8, 5), takenBack(8, 2), takenBack(0, 5)])).toEqual(['0', '3', '5']);
  });

  it('ends where two name each other, and in chains of any length', async () => {
    till = await office.till();
    const ids = ['019aa000-0000-7000-8000-00000000000a', '019aa000-0000-7000-8000-00000000000b'] as const;
    const naming = (id: string, invoiceId: string, amount: number) =>
      till.sale({ id, kind: 'void', reference: { terminalId: till.terminalId, invoiceId }, lines: [priced(amount)] });
    const both = [await naming(ids[0], ids[1], 100), await naming(ids[1], ids[0], -100)];
    expect(await issue(...both)).toEqual([['original_unknown'], []]);
    expect(await issue(await naming('019aa000-0000-7000-8000-00000000000c', ids[0], -100))).toHaveLength(1);
    let last = await sell(priced(100));
    for (let depth = 0; depth < 12; depth += 1) last = await till.sale({ kind: 'void', ...of(last) });
    for (const list of [1, 2, 3]) await issue(await till.sale({ kind: 'void', ...of(last), number: `${list}` }));
  });
});

describe('a refund of several originals', () => {
  it('takes back of each what its lines say, and nothing once it is voided', async () => {
    till = await office.till();
    const [small, large] = [await sell(priced(1_000)), await sell(priced(2_000), priced(500))];
    const refund = await till.sale(ofSeveral(1, small, large));
    expect(await issue(refund)).toEqual([[]]);
    expect(await figures()).toEqual({ turnover: '500', tax: '84' });
    await takeBack('refund', small, 'refunds_above_original');
    expect(await issue(await till.sale(ofSeveral(1, large, small)))).toEqual([['refunds_above_original']]);
    const other = await sell(priced(700));
    expect(await issue(await till.sale(ofSeveral(1, other, await sell(priced(1)))))).toEqual([[]]);
    await takeBack('refund', other, 'refunds_above_original');
  });

  it('gives both back once it is voided', async () => {
    till = await office.till();
    const [one, other] = [await sell(priced(1_000)), await sell(priced(2_000))];
    const refund = await till.sale(ofSeveral(1, one, other));
    expect(await issue(refund)).toEqual([[]]);
    await takeBack('void', refund);
    await takeBack('refund', one);
    await takeBack('refund', other);
    await takeBack('refund', other, 'refunds_above_original');
    const { rows } = await office.pool.query(
      'SELECT part.sold, part.returned, part.lines, part.is_exact FROM ledger_original AS part JOIN ledger USING (sequence) WHERE ledger.invoice_id = $1 ORDER BY 2',
      [refund.invoice.id],
    );
    expect(rows).toEqual([
      { sold: '0', returned: '1000', lines: 1, is_exact: true },
      { sold: '0', returned: '2000', lines: 1, is_exact: true },
    ]);
  });

  it('may name them by code, of other tills, twice, and some that nobody knows; a refund is none of them', async () => {
    till = await office.till();
    const seller = await office.till();
    const sale = await seller.sale({ lines: [priced(1_000)] });
    const [issued] = await office.issuance.issue([sale]);
    const { code } = receiptOf(issued!.result);
    const identity = { terminalId: sale.invoice.terminalId, invoiceId: sale.invoice.id };
    const lines = [priced(-600, { original: 0 }), priced(-401, { original: 1 })];
    const twice = await till.sale({ kind: 'refund', lines, reference: { originals: [{ code }, identity] } });
    expect(await issue(twice)).toEqual([['refunds_above_original']]);
    const unknown = { terminalId: sale.invoice.terminalId, invoiceId: '019aa000-0000-7000-8000-00000000000f' };
    const half = await till.sale({
      kind: 'refund',
      lines,
      reference: { originals: [unknown, { code: '1'.repeat(20) }] },
    });
    expect(await issue(half)).toEqual([['original_unknown']]);
    const refund = await takeBack('refund', await sell(priced(100)));
    const ofRefund = { terminalId: till.terminalId, invoiceId: refund.invoice.id };
    const other = await sell(priced(5_000));
    const among = { originals: [{ terminalId: till.terminalId, invoiceId: other.invoice.id }, ofRefund] };
    expect(await issue(await till.sale({ kind: 'refund', lines, reference: among }))).toEqual([['original_unknown']]);
  });
});

describe('in one list', () => {
  /** The first is a sale; each other one takes back one before it, wholly or in part. */
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom('refund' as const, 'void' as const),
      of: fc.nat({ max: 7 }),
      share: fc.constantFrom(1, 1, 2),
      /** A refund of several: of this one, too, whatever it is. */
      and: fc.option(fc.nat({ max: 7 })),
    }),
    { minLength: 1, maxLength: 7 },
  );

  it('says the same as one list after the other, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat({ max: 8 }), async (made, cut) => {
        const oneByOne: string[][] = [];
        for (const invoice of await chain(made)) oneByOne.push(...(await issue(invoice)));
        const again = await chain(made);
        const inLists = [...(await issue(...again.slice(0, cut))), ...(await issue(...again.slice(cut)))];
        expect(inLists).toEqual(oneByOne);
      }),
      { numRuns: 25 },
    );
  });

  async function chain(
    made: readonly { kind: 'refund' | 'void'; of: number; share: number; and: number | null }[],
  ): Promise<AuthenticInvoice[]> {
    till = await office.till();
    const lines = [priced(1_200), priced(-100, { type: 'deposit' })];
    const chain = [await till.sale({ lines }, 'reissue'), await till.sale({ lines }, 'reissue')];
    for (const { kind, of: index, share, and } of made) {
      const other = and === null ? undefined : chain[and % chain.length];
      if (other !== undefined && other !== chain[index % chain.length]) {
        chain.push(await till.sale(ofSeveral(share, chain[index % chain.length]!, other), 'reissue'));
        continue;
      }
      const { lines, reference } = of(chain[index % chain.length]!);
      const parts = lines.slice(0, share);
      chain.push(await till.sale({ kind, lines: parts, reference: reference! }, 'reissue'));
    }
    return chain;
  }
});

describe('at the same time', () => {
  it('exactly one of two is flagged: a refund, and the void that brings another refund into effect again', async () => {
    for (let round = 0; round < 8; round += 1) {
      till = await office.till();
      const sale = await sell(priced(10_000));
      const ofRefund = await takeBack('void', await takeBack('refund', sale));
      const [one, other] = await Promise.all([office.till(), office.till()]);
      const both = await Promise.all([
        one.sale({ kind: 'refund', ...of(sale) }),
        other.sale({ kind: 'void', ...of(ofRefund) }),
      ]);
      const judged = (await Promise.all(both.map((taker) => issue(taker)))).flat();
      expect(judged.toSorted((a, b) => a.length - b.length)).toEqual([[], ['refunds_above_original']]);
    }
  });
});

it('a void by code finds the chain above it, too', async () => {
  till = await office.till();
  const sale = await sell(priced(10_000));
  const refund = await till.sale({ kind: 'refund', ...of(sale) });
  const [issued] = await office.issuance.issue([refund]);
  const { code } = receiptOf(issued!.result);
  expect(await issue(await till.sale({ kind: 'void', ...of(refund), reference: { code } }))).toEqual([[]]);
  await takeBack('refund', sale);
});
