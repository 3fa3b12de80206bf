import type { DraftLine, InvoiceDraft } from '@tax-control/billing-interface';
import { lineAmount } from './pence.js';
import { isCancellation, type ShopInvoice, type ShopRow } from './shop-invoice.js';

/** The one tax category of the run; its rate is set with `--vat`. */
export const TAX_CATEGORY = 'standard';

const SHOP_TIME_ZONE = 'Europe/London';
const MS_PER_MINUTE = 60_000;
const MINUTES_PER_HOUR = 60;

/**
 * A shop's invoice as its MIS would hand it over. Prices include VAT. The data do not tell how was paid, nor which invoice
 * a cancellation takes back, so the draft says just that.
 */
export function toDraft(invoice: ShopInvoice): InvoiceDraft {
  const lines = invoice.rows.map(toLine);
  const total = lines.reduce((sum, line) => sum + line.amount, 0);
  return {
    kind: isCancellation(invoice) ? 'refund' : 'sale',
    number: invoice.number,
    currency: 'GBP',
    priceBasis: 'gross',
    issuedAt: withOffset(invoice.localTime),
    businessDay: dayOf(invoice),
    lines,
    total,
    payments: total === 0 ? [] : [{ method: 'other', amount: total }],
    ...(isCancellation(invoice) && {
      reference: { reason: 'Cancellation; the shop’s data do not name the original invoice.' },
    }),
    ...(invoice.customerId !== '' && {
      buyer: { name: `Customer ${invoice.customerId}`, ...(invoice.country !== '' && { address: invoice.country }) },
    }),
  };
}

/** The day as the shop wrote it. */
export function dayOf(invoice: Pick<ShopInvoice, 'localTime'>): string {
  return invoice.localTime.slice(0, 'YYYY-MM-DD'.length);
}

function toLine(row: ShopRow): DraftLine & { amount: number } {
  return {
    type: lineType(row.stockCode),
    description: row.description,
    ...(row.stockCode !== '' && { code: row.stockCode }),
    quantity: String(row.quantity),
    unitPrice: row.unitPricePence,
    amount: lineAmount(row.quantity, row.unitPricePence),
    taxCategory: TAX_CATEGORY,
  };
}

/** Stock codes that are no goods (postage and fees are services, which the protocol counts as goods). */
function lineType(stockCode: string): DraftLine['type'] {
  if (stockCode === 'D') return 'discount';
  return stockCode.startsWith('gift_') ? 'voucher' : 'goods';
}

/** Wall-clock time in the shop → RFC 3339 with the offset in force there on that day. */
function withOffset(localTime: string): string {
  const asIfUtc = new Date(`${localTime.replace(' ', 'T')}Z`);
  const offsetMinutes = offsetAt(new Date(asIfUtc.getTime() - offsetAt(asIfUtc) * MS_PER_MINUTE));
  const sign = offsetMinutes < 0 ? '-' : '+';
  const hours = String(Math.floor(Math.abs(offsetMinutes) / MINUTES_PER_HOUR)).padStart(2, '0');
  const minutes = String(Math.abs(offsetMinutes) % MINUTES_PER_HOUR).padStart(2, '0');
  return `${localTime.replace(' ', 'T')}${sign}${hours}:${minutes}`;
}

const shopClock = new Intl.DateTimeFormat('en-GB', {
  timeZone: SHOP_TIME_ZONE,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

/** Minutes by which the shop's wall clock is ahead of UTC at a moment. */
function offsetAt(moment: Date): number {
  const parts = new Map(shopClock.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return Math.round((wall - moment.getTime()) / MS_PER_MINUTE);
}
