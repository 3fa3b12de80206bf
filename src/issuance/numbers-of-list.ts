import { type InvoiceHead, numberKey } from '@tax-control/protocol';
import { countsInTurnover } from '../ledger/originals.js';
import type { NumberUse, ShopNumber } from '../ledger/reserve-numbers.js';

/** The shop's number of an invoice, as it is looked for on file. */
export function shopNumberOf({ number, type, kind, businessDay, supersedes }: InvoiceHead): ShopNumber {
  return {
    key: countsInTurnover(type) ? numberKey(number) : null,
    type,
    kind,
    year: Number(businessDay.slice(0, 'yyyy'.length)),
    supersedes: supersedes?.invoiceId ?? null,
  };
}

/** The shop's numbers of a list, beside those on file: what waited comes in one list. */
export class NumbersOfList {
  private readonly first = new Map<string, NumberUse & { readonly invoiceId: string }>();

  /** The first invoice of the list with this number; null when there is none. */
  before(invoice: InvoiceHead): NumberUse | null {
    const used = this.first.get(keyOf(invoice));
    return used === undefined || used.invoiceId === invoice.supersedes?.invoiceId ? null : used;
  }

  add(invoice: InvoiceHead, code: string): void {
    const key = keyOf(invoice);
    if (countsInTurnover(invoice.type) && !this.first.has(key))
      this.first.set(key, { number: invoice.number, code, invoiceId: invoice.id });
  }
}

function keyOf(invoice: InvoiceHead): string {
  const { key, type, kind, year } = shopNumberOf(invoice);
  return JSON.stringify([invoice.terminalId, type, kind, year, key]);
}
