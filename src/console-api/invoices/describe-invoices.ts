import { WARNINGS } from '@tax-control/protocol';
import { CHECK_REASONS, INVOICE_CHECKS } from '@tax-control/protocol/console';
import type { RouteDescription } from '../../http/documentation/describe.js';
import {
  CONSOLE_TAG,
  describedTable,
  pageSchema,
  REASON_SCHEMA,
  REPORT_PROBLEMS,
  SIGNED_IN,
} from '../describe-answers.js';
import { INVOICE_COLUMNS } from './invoice-rows.js';

const text = { type: 'string' } as const;
const integer = { type: 'integer' } as const;

export const describedSearch: RouteDescription = {
  tag: CONSOLE_TAG,
  summary: 'Look for invoices',
  description:
    'By code or id, or by the time of sale and what else is known. What was looked for and why stands in the audit trail. ' +
    'With `?format=csv` all rows as CSV.',
  body: {
    schema: {
      type: 'object',
      required: ['reason'],
      properties: {
        reason: REASON_SCHEMA,
        code: text,
        invoiceId: text,
        number: text,
        totalFrom: integer,
        totalTo: integer,
        currency: text,
        from: text,
        to: text,
        taxpayerId: text,
        premisesId: text,
        terminalId: text,
        kind: { enum: ['sale', 'refund', 'void'] },
        page: integer,
        pageSize: integer,
      },
    },
  },
  answer: {
    schema: pageSchema(
      'InvoiceRow',
      INVOICE_COLUMNS.map(({ heading }) => heading),
    ),
  },
  problems: [...REPORT_PROBLEMS, 'search_empty', 'csrf_refused'],
};

export const describedView: RouteDescription = {
  tag: CONSOLE_TAG,
  summary: 'Look at one invoice',
  description: 'With the signed bytes, and each check on its own: whether it holds, fails, or cannot be told.',
  body: {
    schema: {
      type: 'object',
      required: ['reason', 'terminalId', 'invoiceId'],
      properties: { reason: REASON_SCHEMA, terminalId: text, invoiceId: text },
    },
  },
  answer: {
    schema: {
      title: 'InvoiceView',
      type: 'object',
      properties: {
        ...Object.fromEntries(INVOICE_COLUMNS.map(({ heading }) => [heading, {}])),
        payload: { type: ['object', 'null'], description: 'Null once the content was removed after its retention.' },
        contentRemovedAt: { type: ['string', 'null'], format: 'date-time' },
        buyerWithheld: { type: 'boolean', description: 'The buyer is not shown any more; the signed bytes neither.' },
        payloadText: { type: ['string', 'null'] },
        signed: { type: ['string', 'null'], description: 'The compact JWS exactly as it was signed.' },
        digest: text,
        signer: { type: ['string', 'null'] },
        signerCertificate: { type: ['string', 'null'], description: 'PEM.' },
        receipt: { type: 'object' },
        signedReceipt: text,
        warningList: {
          type: 'array',
          items: {
            type: 'object',
            required: ['code', 'detail', 'facts'],
            properties: {
              code: { enum: Object.keys(WARNINGS) },
              detail: { ...text, description: 'The sentence in English.' },
              facts: {
                type: 'object',
                description:
                  'What the sentence names, and its `reason` where a code has several sentences: amounts like `-255 GBP` in the smallest ' +
                  'unit, durations in milliseconds, instants (RFC 3339). Empty where an earlier version stored the warning.',
                additionalProperties: { type: ['string', 'number'] },
              },
            },
          },
        },
        related: { type: 'array' },
        checks: {
          type: 'array',
          items: {
            type: 'object',
            required: ['check', 'result', 'reason', 'facts', 'detail'],
            properties: {
              check: { enum: INVOICE_CHECKS },
              result: { enum: ['holds', 'fails', 'unknown'] },
              reason: { enum: Object.keys(CHECK_REASONS) },
              facts: { type: 'array', items: text },
              detail: text,
            },
          },
        },
      },
    },
  },
  problems: [...SIGNED_IN, 'csrf_refused', 'invalid_request', 'not_on_file'],
};

export const describedRefused = describedTable('List what was refused', 'RefusedInvoiceRow', [
  'refusedId',
  'refusedAt',
  'terminalId',
  'door',
  'cause',
  'detail',
  'pointers',
]);

export const describedCurrencies: RouteDescription = {
  tag: CONSOLE_TAG,
  summary: 'List the currencies of the invoices on file, the most frequent first',
  answer: {
    schema: {
      type: 'object',
      required: ['currencies'],
      properties: { currencies: { type: 'array', items: text } },
    },
  },
  problems: SIGNED_IN,
};
