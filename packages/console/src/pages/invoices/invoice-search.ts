import { type InvoiceSearch, parseCode, type Period } from '@tax-control/protocol/console';
import { smallestOf } from '../../url/amount.js';

/** What may be looked for, by its name in the console's address and in the search alike. */
export const SEARCH_TEXTS = ['code', 'invoiceId', 'number', 'terminalId', 'premisesId', 'taxpayerId'] as const;
export type SearchText = (typeof SEARCH_TEXTS)[number];

/** Members of the address that hold amounts as people write them. */
export const SEARCH_AMOUNTS = ['totalFrom', 'totalTo'] as const;

const KINDS = ['sale', 'refund', 'void'] as const;
const CURRENCY = /^[A-Z]{3}$/;

/** A field of the form that cannot be read as it stands. */
export type SearchField = SearchText | (typeof SEARCH_AMOUNTS)[number] | 'currency';

/** What an address looks for; or that it names nothing, or the first field that is wrong. */
export type SearchCriteria =
  | { readonly ok: true; readonly body: Omit<InvoiceSearch, 'reason'> }
  | { readonly ok: false; readonly fault: 'nothing' | SearchField };

/**
 * Reads from an address what is looked for. A code or an id says enough; everything else is looked for within the period.
 * @param usualCurrency of the installation, where the address names none
 */
export function bodyOf(
  parameters: URLSearchParams,
  { from, to }: Pick<Period, 'from' | 'to'>,
  usualCurrency: string | null,
): SearchCriteria {
  const texts: Partial<Record<SearchText, string>> = {};
  for (const name of SEARCH_TEXTS) {
    const text = parameters.get(name)?.trim() ?? '';
    if (text !== '') texts[name] = text;
  }
  if (texts.code !== undefined) {
    const parsed = parseCode(texts.code);
    if (parsed === null) return { ok: false, fault: 'code' };
    texts.code = parsed.code;
  }
  const currency = parameters.get('currency') ?? usualCurrency ?? '';
  const amounts: { totalFrom?: number; totalTo?: number } = {};
  for (const name of SEARCH_AMOUNTS) {
    const text = parameters.get(name) ?? '';
    if (text === '') continue;
    if (!CURRENCY.test(currency)) return { ok: false, fault: 'currency' };
    const smallest = smallestOf(text, currency);
    if (smallest === null) return { ok: false, fault: name };
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

/** What an address looks for, whichever page of it is shown: a reason that was given holds for nothing else. */
export function searchOf(parameters: URLSearchParams): string {
  const search = new URLSearchParams(parameters);
  for (const page of ['page', 'refusedPage']) search.delete(page);
  search.sort();
  return search.toString();
}
