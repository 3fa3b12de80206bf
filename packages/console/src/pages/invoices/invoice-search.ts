import type { InvoiceSearch, Period } from '@tax-control/protocol/console';
import { smallestOf } from '../../url/amount.js';

/** What may be looked for, by its name in the console's address and in the search alike. */
export const SEARCH_TEXTS = ['code', 'invoiceId', 'number', 'terminalId', 'premisesId', 'taxpayerId'] as const;
export type SearchText = (typeof SEARCH_TEXTS)[number];

/** Members of the address that hold amounts as people write them. */
export const SEARCH_AMOUNTS = ['totalFrom', 'totalTo'] as const;
export const DEFAULT_CURRENCY = 'EUR';

const KINDS = ['sale', 'refund', 'void'] as const;

export type SearchCriteria =
  | { readonly ok: true; readonly body: Omit<InvoiceSearch, 'reason'> }
  | { readonly ok: false; readonly fault: 'nothing' | 'amount' };

/** Reads from an address what is looked for. A code or an id says enough; everything else is looked for within the period. */
export function bodyOf(parameters: URLSearchParams, { from, to }: Period): SearchCriteria {
  const texts: Partial<Record<SearchText, string>> = {};
  for (const name of SEARCH_TEXTS) {
    const text = parameters.get(name)?.trim() ?? '';
    if (text !== '') texts[name] = name === 'code' ? text.replaceAll(/\s/g, '') : text;
  }
  const currency = parameters.get('currency') ?? DEFAULT_CURRENCY;
  const amounts: { totalFrom?: number; totalTo?: number } = {};
  for (const name of SEARCH_AMOUNTS) {
    const text = parameters.get(name) ?? '';
    if (text === '') continue;
    const smallest = smallestOf(text, currency);
    if (smallest === null) return { ok: false, fault: 'amount' };
    amounts[name] = smallest;
  }
  const kind = KINDS.find((name) => name === parameters.get('kind'));
  const hasAmount = Object.keys(amounts).length > 0;
  const body = {
    ...texts,
    ...amounts,
    ...(hasAmount ? { currency } : {}),
    ...(kind === undefined ? {} : { kind }),
  };
  if (Object.keys(body).length === 0) return { ok: false, fault: 'nothing' };
  const isExact = texts.code !== undefined || texts.invoiceId !== undefined;
  return { ok: true, body: isExact ? body : { ...body, from, to } };
}
