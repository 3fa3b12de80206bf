import { IsInt, Max, Min } from 'class-validator';
import { type InvoiceKind, parseCode, type Problem, problem } from '@tax-control/protocol';
import { CONSOLE_LIMITS, type PageQuery } from '@tax-control/protocol/console';
import type { InvoiceCriteria } from '../../ledger/search-invoices.js';
import { IfThere, MaybeOne, One } from '../query/rules.js';
import {
  CODE_RULE,
  CURRENCY_RULE,
  IDENTIFIER_RULE,
  oneOf,
  REASON_RULE,
  SHORT_TEXT_RULE,
  TIME_RULE,
  UUID_RULE,
} from '../query/text-rules.js';
import { judgePage } from '../query/page-parameters.js';
import { judgePeriod } from '../query/judge-period.js';

const KINDS = ['sale', 'refund', 'void'] as const satisfies readonly InvoiceKind[];
const AMOUNT = { message: 'must be a whole number of the smallest unit' };

/** Body of a search: why, and what for. */
export class InvoiceSearchBody {
  @One(REASON_RULE) readonly reason: string = '';
  @MaybeOne(CODE_RULE) readonly code?: string;
  @MaybeOne(UUID_RULE) readonly invoiceId?: string;
  @MaybeOne(SHORT_TEXT_RULE) readonly number?: string;
  @IfThere()
  @Max(Number.MAX_SAFE_INTEGER, AMOUNT)
  @Min(-Number.MAX_SAFE_INTEGER, AMOUNT)
  @IsInt(AMOUNT)
  readonly totalFrom?: number;
  @IfThere()
  @Max(Number.MAX_SAFE_INTEGER, AMOUNT)
  @Min(-Number.MAX_SAFE_INTEGER, AMOUNT)
  @IsInt(AMOUNT)
  readonly totalTo?: number;
  @MaybeOne(CURRENCY_RULE) readonly currency?: string;
  @MaybeOne(TIME_RULE) readonly from?: string;
  @MaybeOne(TIME_RULE) readonly to?: string;
  @MaybeOne(IDENTIFIER_RULE) readonly taxpayerId?: string;
  @MaybeOne(IDENTIFIER_RULE) readonly premisesId?: string;
  @MaybeOne(IDENTIFIER_RULE) readonly terminalId?: string;
  @MaybeOne(oneOf(KINDS)) readonly kind?: string;
  @IfThere()
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  readonly page?: number;
  @IfThere()
  @Min(1, { message: 'must be at least 1' })
  @IsInt({ message: 'must be a whole number' })
  readonly pageSize?: number;
}

/** Body of a look at one invoice. */
export class InvoiceViewBody {
  @One(REASON_RULE) readonly reason: string = '';
  @One(IDENTIFIER_RULE) readonly terminalId: string = '';
  @One(UUID_RULE) readonly invoiceId: string = '';
}

/** The page that a search asks for. */
export function pageOf({ page = 1, pageSize = CONSOLE_LIMITS.pageSizeDefault }: InvoiceSearchBody): PageQuery {
  return { page, pageSize };
}

/** What is wrong with a search whose members are well formed; null when nothing is. */
export function judgeSearch(body: InvoiceSearchBody): Problem | null {
  const { from, to } = body;
  const isExact = body.code !== undefined || body.invoiceId !== undefined;
  if (!isExact && (from === undefined || to === undefined)) return problem('search_empty');
  if (from !== undefined && to !== undefined) {
    const refusal = judgePeriod({ from, to, zone: 'UTC', step: 'month' });
    if (refusal !== null) return refusal;
  }
  return judgePage(pageOf(body));
}

/** What the ledger is asked for; null where a code is mistyped, so that nothing can be found. */
export function criteriaOf(body: InvoiceSearchBody): InvoiceCriteria | null {
  const code = body.code === undefined ? undefined : parseCode(body.code);
  if (code === null) return null;
  return {
    sequence: code?.sequence ?? null,
    invoiceId: body.invoiceId ?? null,
    number: body.number ?? null,
    totalFrom: body.totalFrom ?? null,
    totalTo: body.totalTo ?? null,
    currency: body.currency ?? null,
    from: body.from ?? null,
    to: body.to ?? null,
    taxpayerId: body.taxpayerId ?? null,
    premisesId: body.premisesId ?? null,
    terminalId: body.terminalId ?? null,
    kind: (body.kind ?? null) as InvoiceKind | null,
  };
}
