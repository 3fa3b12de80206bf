import {
  formatAmount,
  formatCode,
  formatUnitPrice,
  type Invoice,
  type InvoiceReference,
  originalsOf,
  taxesOfLine,
} from '@tax-control/protocol';
import type { SaleIssued, SaleStoredOffline } from '../api.js';
import type { ReceiptWords } from './words.js';

/** A sale of which something can be printed: it was signed and not refused. */
export type PrintableSale = SaleIssued | SaleStoredOffline;

/** One thing on the paper, before anybody knows how wide it is. */
export type ReceiptRow =
  | { readonly kind: 'text'; readonly text: string; readonly bold?: boolean }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'pair'; readonly left: string; readonly right: string; readonly bold?: boolean }
  | { readonly kind: 'rule' }
  | { readonly kind: 'qr'; readonly text: string };

const RULE: ReceiptRow = { kind: 'rule' };
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Types that are signed and coded like any other and are no fiscal receipts. */
const NOT_FISCAL: ReadonlySet<Invoice['type']> = new Set(['training', 'proforma', 'copy']);

/** The whole receipt of a sale: all that its code stands for, what was sold, what was paid, the code or why it is pending. */
export function receiptRows(sale: PrintableSale, words: ReceiptWords, reprint: boolean): ReceiptRow[] {
  const { invoice } = sale;
  return [
    ...marks(sale, words, reprint),
    ...head(sale, words),
    RULE,
    ...invoice.lines.flatMap((line) => lineRows(line, invoice, words)),
    RULE,
    ...sums(invoice, words),
    RULE,
    ...standing(sale, words),
    ...marks(sale, words, false),
  ];
}

function marks({ invoice, environment }: PrintableSale, words: ReceiptWords, reprint: boolean): ReceiptRow[] {
  const rows: ReceiptRow[] = [];
  if (environment === 'test') rows.push({ kind: 'heading', text: words.testEnvironment });
  if (NOT_FISCAL.has(invoice.type)) rows.push({ kind: 'heading', text: words.notFiscal });
  if (reprint) rows.push({ kind: 'heading', text: words.reprint });
  return rows;
}

function head({ invoice }: PrintableSale, words: ReceiptWords): ReceiptRow[] {
  const title = words.titles[invoice.kind];
  const pairs: [string, string | undefined][] = [
    [words.taxpayer, invoice.taxpayerId],
    [words.premises, invoice.premisesId],
    [words.terminal, invoice.terminalId],
    [words.number, invoice.number],
    [words.counter, String(invoice.counter)],
    [words.soldAt, formatTime(invoice.issuedAt)],
    [words.businessDay, invoice.issuedAt.startsWith(invoice.businessDay) ? undefined : invoice.businessDay],
    [words.cashier, invoice.cashier],
    [words.buyer, invoice.buyer?.name],
    [words.buyerTaxId, invoice.buyer?.taxId],
  ];
  return [
    { kind: 'heading', text: invoice.type === 'normal' ? title : `${title} - ${words.types[invoice.type]}` },
    ...pairs.flatMap(([left, right]): ReceiptRow[] => (right === undefined ? [] : [{ kind: 'pair', left, right }])),
    ...(invoice.buyer?.address === undefined ? [] : [{ kind: 'text', text: invoice.buyer.address } as const]),
    ...referenceRows(invoice.reference, words),
    ...(invoice.supersedes === undefined
      ? []
      : [{ kind: 'pair', left: words.corrects, right: invoice.supersedes.invoiceId } as const]),
  ];
}

function referenceRows(reference: InvoiceReference | undefined, words: ReceiptWords): ReceiptRow[] {
  if (reference === undefined) return [];
  if ('reason' in reference) return [{ kind: 'pair', left: words.reason, right: reference.reason }];
  const originals = originalsOf(reference);
  return originals.flatMap((original, position): ReceiptRow[] => {
    const left = originals.length === 1 ? words.original : `${words.original} ${position + 1}`;
    if ('code' in original) return [{ kind: 'pair', left, right: formatCode(original.code) }];
    return [
      { kind: 'pair', left, right: original.terminalId },
      { kind: 'text', text: original.invoiceId },
    ];
  });
}

function lineRows(line: Invoice['lines'][number], invoice: Invoice, words: ReceiptWords): ReceiptRow[] {
  const { currency } = invoice;
  const amount = formatAmount(line.amount, currency);
  const rows: ReceiptRow[] = [
    {
      kind: 'pair',
      left: line.description.trim() === '' ? words.lineTypes[line.type] : line.description,
      right: `${amount} ${taxLetters(line, invoice)}`,
    },
  ];
  if (line.original !== undefined) rows.push({ kind: 'text', text: `  ${words.original} ${line.original + 1}` });
  if (line.quantity !== '1' || (line.discount ?? 0) !== 0)
    rows.push({ kind: 'text', text: `  ${line.quantity} x ${formatUnitPrice(line.unitPrice, currency)}` });
  if ((line.discount ?? 0) !== 0)
    rows.push({ kind: 'text', text: `  ${words.discount} ${formatAmount(-(line.discount ?? 0), currency)}` });
  return rows;
}

/** The letters by which a line points to its rows of the taxes; a space for a rounding line, which has none. */
function taxLetters(line: Invoice['lines'][number], { taxes }: Invoice): string {
  const letters = taxesOfLine(line, taxes).map((tax) => taxLetter(taxes.indexOf(tax)));
  return letters.length === 0 ? ' ' : letters.join(letters.some(({ length }) => length > 1) ? ',' : '');
}

function taxLetter(index: number): string {
  return LETTERS[index] ?? String(index + 1);
}

function sums(invoice: Invoice, words: ReceiptWords): ReceiptRow[] {
  const { currency } = invoice;
  const givesChange = invoice.kind === 'sale' && invoice.total >= 0;
  return [
    {
      kind: 'pair',
      left: `${words.total} ${currency}`,
      right: `${formatAmount(invoice.total, currency)}  `,
      bold: true,
    },
    ...invoice.payments.flatMap(({ method, amount, forfeited }): ReceiptRow[] => {
      const change = givesChange && amount < 0 && method === 'cash';
      const row: ReceiptRow = {
        kind: 'pair',
        left: change ? words.change : words.payments[method],
        right: `${formatAmount(change ? -amount : amount, currency)}  `,
      };
      if (forfeited === undefined) return [row];
      return [row, { kind: 'text', text: `  ${words.forfeited} ${formatAmount(forfeited, currency)}` }];
    }),
    ...(invoice.taxes.length === 0
      ? []
      : [{ kind: 'text', text: invoice.priceBasis === 'gross' ? words.taxIncluded : words.taxAdded } as const]),
    ...invoice.taxes.map(({ category, rate, base, amount }, index): ReceiptRow => ({
      kind: 'pair',
      left: `${taxLetter(index)} ${category} ${rate}% ${words.taxOf} ${formatAmount(base, currency)}`,
      right: `${formatAmount(amount, currency)}  `,
    })),
  ];
}

/** The code with the time it was given, or that it is pending and how to know the receipt until then. */
function standing(sale: PrintableSale, words: ReceiptWords): ReceiptRow[] {
  const check: ReceiptRow[] = [
    { kind: 'heading', text: words.check },
    { kind: 'qr', text: sale.qrText },
  ];
  if (sale.result === 'issued')
    return [
      { kind: 'heading', text: words.code },
      { kind: 'heading', text: formatCode(sale.code) },
      { kind: 'pair', left: words.registeredAt, right: formatTime(sale.receipt.registeredAt) },
      ...check,
    ];
  return [
    { kind: 'heading', text: words.codePending },
    { kind: 'text', text: words.codePendingNote },
    { kind: 'pair', left: words.signatureMark, right: sale.signatureMark },
    ...check,
  ];
}

/** `2026-11-22T18:21:07.120+08:00` as people read it, to the second: `2026-11-22 18:21:07+08:00`. */
function formatTime(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+/, '');
}
