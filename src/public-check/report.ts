import { shownText } from '@tax-control/protocol';
import type { Paper, Standing } from './findings.js';

/** Why a customer doubts a receipt. Append-only: reports are kept for years. */
export const REPORT_REASONS = [
  'other_total',
  'other_time',
  'other_shop',
  'not_on_file',
  'not_reported',
  'other',
] as const;
export type ReportReason = (typeof REPORT_REASONS)[number];

/** Characters of a customer's own words: a page by hand. */
export const REPORT_MESSAGE_LENGTH_MAX = 1_000;
const PAPER_TEXT_LENGTH_MAX = 64;

/** What a customer says of a receipt, fit to be stored. `premisesId`: of the invoice or till, null where neither is known. */
export interface ReceiptReport {
  readonly code: string | null;
  readonly terminalId: string | null;
  readonly invoiceId: string | null;
  readonly premisesId: string | null;
  readonly standing: Standing;
  readonly reason: ReportReason;
  readonly message: string;
  readonly language: string;
}

/** A reason as it came from a form; `other` for anything else. */
export function readReason(text: string): ReportReason {
  return REPORT_REASONS.find((reason) => reason === text) ?? 'other';
}

/** A stranger's words as they are stored: in one line, nothing that a terminal or table could take for more than text, cut. */
export function readMessage(text: string): string {
  return shownText(text.replaceAll(/\s+/g, ' ').trim(), REPORT_MESSAGE_LENGTH_MAX - 1);
}

/** The paper as the report names it, cut to what may be a name at all. */
export function namesOf(paper: Paper): Pick<ReceiptReport, 'code' | 'terminalId' | 'invoiceId'> {
  const cut = (text: string): string => shownText(text, PAPER_TEXT_LENGTH_MAX - 1) || '?';
  return paper.by === 'code'
    ? { code: cut(paper.code), terminalId: null, invoiceId: null }
    : { code: null, terminalId: cut(paper.terminalId), invoiceId: cut(paper.invoiceId) };
}
