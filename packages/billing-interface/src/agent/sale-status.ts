import type { SaleResult } from '../api.js';

/**
 * HTTP status of each result of `POST …/sales/{saleId}`. 200: the code is there. 202: the sale holds, its code comes
 * later. Everything else is told as a problem (RFC 9457) that bears the result beside it.
 */
export const SALE_STATUSES = {
  issued: 200,
  stored_offline: 202,
  refused: 422,
  invalid: 422,
  limit_reached: 409,
  sale_id_conflict: 409,
  not_permitted: 403,
  journal_unavailable: 503,
} as const satisfies Record<SaleResult['result'], number>;

/** One sentence for each result that is a problem. */
const TITLES = {
  refused: 'The server refused the signed invoice.',
  invalid: 'The sale was not signed: something in it is wrong.',
  limit_reached: 'The sale was not signed: an offline limit is reached.',
  sale_id_conflict: 'This saleId was used before with other content.',
  not_permitted: 'The sale was not signed: this terminal may not sell.',
  journal_unavailable: 'The sale was not signed: the journal cannot be written.',
} as const satisfies Record<Exclude<SaleResult['result'], 'issued' | 'stored_offline'>, string>;

/** A result that is a problem, as it goes over the wire: every member of the result, and those of RFC 9457. */
export type SaleProblem = Exclude<SaleResult, { result: 'issued' | 'stored_offline' }> & {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
};

/** The result as the body of an answer, or as the problem that it is. */
export function saleBody(result: SaleResult): SaleResult | SaleProblem {
  if (result.result === 'issued' || result.result === 'stored_offline') return result;
  return {
    type: `urn:tax-control:sale:${result.result}`,
    title: TITLES[result.result],
    status: SALE_STATUSES[result.result],
    ...result,
    detail: result.result === 'refused' ? result.problem.detail : result.detail,
  };
}
