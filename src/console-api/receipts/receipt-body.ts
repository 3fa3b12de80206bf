import { invoiceSchema, type Problem, problem } from '@tax-control/protocol';
import type { ReceiptFacts } from '@tax-control/protocol/console';
import { IsBoolean } from 'class-validator';
import { codeOfQr, printedTime } from '../../handed-receipts/printed.js';
import type { Handed } from '../../handed-receipts/take-in-receipt.js';
import { readTypedTotal, TOTAL_LENGTH_MAX } from '../../ledger/typed-total.js';
import { IfThere, MaybeOne, One } from '../query/rules.js';
import {
  CURRENCY_RULE,
  IDENTIFIER_RULE,
  oneOf,
  REASON_RULE,
  SHORT_TEXT_RULE,
  WHOLE_NUMBER_RULE,
} from '../query/text-rules.js';

/** Letters of a receipt: a genuine one has about 900, with long names at most 3,000. */
const RECEIPT_LENGTH_MAX = 8_000;
/** Letters of an address in a QR. */
const QR_LENGTH_MAX = 500;

/** A receipt that only a customer has: `receipt`, as the server signed it; or all the others, as the paper shows them. */
export class ReceiptBody {
  @MaybeOne({
    accepts: (text) => text.trim() !== '' && text.length <= RECEIPT_LENGTH_MAX,
    message: `must be a receipt of at most ${RECEIPT_LENGTH_MAX} letters`,
  })
  readonly receipt?: string;

  @MaybeOne({
    accepts: (text) => text.trim() !== '' && text.length <= QR_LENGTH_MAX,
    message: 'must be the 20 digits of a tax control code, or the text of its QR',
  })
  readonly code?: string;

  @MaybeOne(IDENTIFIER_RULE) readonly terminalId?: string;
  @MaybeOne(WHOLE_NUMBER_RULE) readonly counter?: string;
  @MaybeOne(SHORT_TEXT_RULE) readonly soldAt?: string;
  @MaybeOne({ accepts: (text) => text.length <= TOTAL_LENGTH_MAX, message: 'must be an amount, as printed' })
  readonly total?: string;
  @MaybeOne(CURRENCY_RULE) readonly currency?: string;
  @MaybeOne(oneOf(invoiceSchema.properties.kind.enum)) readonly kind?: ReceiptFacts['kind'];
  @MaybeOne(oneOf(invoiceSchema.properties.type.enum)) readonly type?: ReceiptFacts['type'];

  @One(REASON_RULE) readonly reason: string = '';

  @IfThere()
  @IsBoolean()
  readonly isCheck?: boolean;
}

export const RECEIPT_MEMBERS = [
  'receipt',
  'code',
  'terminalId',
  'counter',
  'soldAt',
  'total',
  'currency',
  'kind',
  'type',
  'isCheck',
] as const;

type BodyReading = { readonly ok: true; readonly handed: Handed } | { readonly ok: false; readonly problem: Problem };

/** What was handed in; or the members that are missing, or are not written right. */
export function handedOf(body: ReceiptBody): BodyReading {
  const { receipt, code, terminalId, counter, soldAt, total, currency, kind = 'sale', type = 'normal' } = body;
  if (receipt !== undefined) {
    if (code !== undefined) return invalid('receipt', 'name the signed receipt, or what the paper shows, not both');
    return { ok: true, handed: { by: 'receipt', text: receipt } };
  }
  if (code === undefined) return missing('code');
  if (terminalId === undefined) return missing('terminalId');
  if (counter === undefined) return missing('counter');
  if (soldAt === undefined) return missing('soldAt');
  if (currency === undefined) return missing('currency');
  if (total === undefined) return missing('total');
  const time = printedTime(soldAt);
  if (time === null) return invalid('soldAt', 'must be a time with offset (RFC 3339), like 2026-11-22T18:05:00+01:00');
  const amount = readTypedTotal(total, currency);
  if (amount === null) return invalid('total', 'must be an amount, as printed');
  const print = { code: codeOfQr(code), terminalId, counter: Number(counter), soldAt: time, total: amount, currency };
  return { ok: true, handed: { by: 'print', print: { ...print, kind, type } } };
}

function missing(member: string): BodyReading {
  return invalid(member, 'must be there, as the paper shows it');
}

function invalid(member: string, detail: string): BodyReading {
  return { ok: false, problem: problem('invalid_request', { errors: [{ pointer: `/${member}`, detail }] }) };
}
