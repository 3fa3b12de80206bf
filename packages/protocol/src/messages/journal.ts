import type { Problem } from '../catalogue/problems.js';
import type { Warning } from '../catalogue/warnings.js';
import { invoiceSchema } from '../invoice/invoice-schema.js';

/** Invoices of one page; a till takes each in a transaction of the page, and a sale waits for no more than that. */
export const JOURNAL_PAGE_INVOICES_MAX = 100;
/** Bytes of the invoices of one page, as compact JWS; a longer one comes alone. A minute on the slowest lines. */
export const JOURNAL_PAGE_BYTES_MAX = 500_000;
/** What `after` takes: a counter, or the `next` of the page before. */
export const JOURNAL_CURSOR_PATTERN = '^(0|[1-9][0-9]{0,15})(-[01]-[1-9][0-9]{0,17})?$';

const { counter } = invoiceSchema.properties;
const text = { type: 'string' } as const;
const jws = {
  type: ['string', 'null'],
  description: 'Compact JWS as it was sent, byte for byte; null where the content is no longer kept.',
} as const;

/** Shape of {@link JournalAnswer}. Codes of warnings and problems are any text: a till is older than its server. */
export const journalAnswerSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['invoices', 'certificates', 'next'],
  properties: {
    invoices: {
      type: 'array',
      maxItems: JOURNAL_PAGE_INVOICES_MAX,
      description: 'By counter; where a counter was used twice, both.',
      items: {
        oneOf: [
          {
            type: 'object',
            additionalProperties: false,
            required: ['counter', 'invoice', 'receipt', 'warnings'],
            properties: {
              counter,
              invoice: jws,
              receipt: { ...text, description: 'Compact JWS, the same as at first.' },
              warnings: {
                type: 'array',
                items: {
                  type: 'object',
                  additionalProperties: false,
                  required: ['code', 'detail'],
                  properties: { code: text, detail: text },
                },
              },
            },
          },
          {
            type: 'object',
            additionalProperties: false,
            required: ['counter', 'invoice', 'problem'],
            properties: {
              counter,
              invoice: jws,
              problem: {
                type: 'object',
                description: 'Why it was refused.',
                required: ['code'],
                properties: { code: text },
              },
            },
          },
        ],
      },
    },
    certificates: {
      type: 'array',
      maxItems: JOURNAL_PAGE_INVOICES_MAX,
      description: 'Those of this terminal that signed invoices of the page: DER in base64.',
      items: text,
    },
    next: { type: ['string', 'null'], description: 'What to ask with next (`after`); null: this was all.' },
  },
} as const;

/** One invoice of a journal as the server has it. `invoice`: compact JWS as it was sent; null: its content is no longer kept. */
export type JournalInvoice = { readonly counter: number; readonly invoice: string | null } & (
  { readonly receipt: string; readonly warnings: readonly Warning[] } | { readonly problem: Problem }
);

/** `GET /v1/journals/{journalId}/invoices?after=…`: what the server has of a journal of the caller, page by page. */
export interface JournalAnswer {
  /** By counter; where a counter was used twice, both. */
  readonly invoices: readonly JournalInvoice[];
  /** Of this terminal, DER in base64: those that signed invoices of the page. */
  readonly certificates: readonly string[];
  /** What to ask with next; null: this was all. */
  readonly next: string | null;
}
