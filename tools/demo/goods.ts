import type { DraftLine, InvoiceDraft } from '@tax-control/billing-interface';

/** An article and its price in pence, VAT included. */
export interface Article {
  readonly description: string;
  readonly pence: number;
  readonly taxCategory: 'standard' | 'zero';
}

/** What the two shops of the demo sell. Books are zero-rated, as in the United Kingdom. */
export const BOOKS: readonly Article[] = [
  { description: 'The Shopkeeper’s Ledger', pence: 1_299, taxCategory: 'zero' },
  { description: 'Harbour Lights, hardback', pence: 2_450, taxCategory: 'zero' },
  { description: 'Fountain pen', pence: 1_895, taxCategory: 'standard' },
  { description: 'Notebook, squared', pence: 475, taxCategory: 'standard' },
];
export const CAFE: readonly Article[] = [
  { description: 'Flat white', pence: 340, taxCategory: 'standard' },
  { description: 'Pot of tea', pence: 290, taxCategory: 'standard' },
  { description: 'Scone with jam', pence: 360, taxCategory: 'standard' },
  { description: 'Still water', pence: 150, taxCategory: 'standard' },
];

/** Lines of one demo sale at most; short enough for a receipt on the screen. */
const LINES_MAX = 3;

/** The sale of this number: the same number makes the same sale. */
export function draftSale(articles: readonly Article[], number: number): InvoiceDraft {
  const count = (number % LINES_MAX) + 1;
  const lines = Array.from({ length: count }, (_, index) => toLine(articles, number + index, (number % 2) + 1));
  return draftOf(`S-${number}`, 'sale', lines);
}

/** Takes a whole sale back. */
export function draftRefund(
  sale: InvoiceDraft,
  original: { readonly terminalId: string; readonly invoiceId: string },
): InvoiceDraft {
  const lines = sale.lines.map((line) => ({ ...line, quantity: `-${line.quantity}`, amount: -(line.amount ?? 0) }));
  return { ...draftOf(`R-${sale.number}`, 'refund', lines), reference: original };
}

function toLine(articles: readonly Article[], choice: number, quantity: number): DraftLine & { amount: number } {
  const article = articles[choice % articles.length];
  if (article === undefined) throw new RangeError('a shop without articles sells nothing');
  const { description, pence, taxCategory } = article;
  return {
    type: 'goods',
    description,
    quantity: String(quantity),
    unitPrice: String(pence),
    amount: quantity * pence,
    taxCategory,
  };
}

function draftOf(number: string, kind: InvoiceDraft['kind'], lines: readonly DraftLine[]): InvoiceDraft {
  const total = lines.reduce((sum, line) => sum + (line.amount ?? 0), 0);
  return {
    kind,
    number,
    currency: 'GBP',
    priceBasis: 'gross',
    lines,
    total,
    payments: [{ method: 'card', amount: total }],
  };
}
