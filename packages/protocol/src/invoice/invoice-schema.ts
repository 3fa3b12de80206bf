import type { FromSchema } from 'json-schema-to-ts';
import { LIMITS } from '../limits.js';
import {
  CODE_PATTERN,
  CURRENCY_PATTERN,
  DECIMAL_PATTERN,
  DIGEST_PATTERN,
  IDENTIFIER_PATTERN,
  RATE_PATTERN,
  UUID_PATTERN,
  UUID_V7_PATTERN,
} from '../schema/patterns.js';
import { DATE_PATTERN, DATE_TIME_PATTERN } from '../time.js';
import { INVOICE_SCHEMA_VERSION } from '../version.js';

const identifier = { type: 'string', pattern: IDENTIFIER_PATTERN } as const;
const uuid = { type: 'string', pattern: UUID_PATTERN } as const;
const uuidV7 = { type: 'string', pattern: UUID_V7_PATTERN } as const;
const digest = { type: 'string', pattern: DIGEST_PATTERN } as const;
const text = { type: 'string', maxLength: LIMITS.textLengthMax } as const;
const requiredText = { type: 'string', minLength: 1, maxLength: LIMITS.textLengthMax } as const;
const shortText = { type: 'string', minLength: 1, maxLength: LIMITS.identifierLengthMax } as const;
const amount = { type: 'integer', minimum: -Number.MAX_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER } as const;
const decimal = { type: 'string', pattern: DECIMAL_PATTERN } as const;
const rate = { type: 'string', pattern: RATE_PATTERN } as const;
const date = { type: 'string', format: 'date', pattern: DATE_PATTERN } as const;
const dateTime = { type: 'string', format: 'date-time', pattern: DATE_TIME_PATTERN } as const;
const code = { type: 'string', pattern: CODE_PATTERN } as const;
/** Of a tax that is charged beside that of the lines' category (Directive 2006/112/EC, article 78 (a), has them taxed). */
export const levyKind = { enum: ['taxed', 'untaxed'] } as const;
const identity = {
  type: 'object',
  additionalProperties: false,
  required: ['terminalId', 'invoiceId'],
  properties: { terminalId: identifier, invoiceId: uuidV7 },
} as const;

const byCode = { type: 'object', additionalProperties: false, required: ['code'], properties: { code } } as const;

/**
 * Shape of a signed invoice, version 1 (JSON Schema 2020-12): the one source of the types, of the check at the till
 * and of the check at the server; published under /schemas/invoice-1.json.
 * Money: integers of the currency's smallest unit. `unitPrice`: decimal string of the smallest unit ("255" is 2.55 GBP).
 */
export const invoiceSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:invoice-1',
  title: 'Invoice',
  type: 'object',
  additionalProperties: false,
  required: [
    'schemaVersion',
    'id',
    'taxpayerId',
    'premisesId',
    'terminalId',
    'journalId',
    'counter',
    'previousDigest',
    'type',
    'kind',
    'number',
    'issuedAt',
    'clockOffsetMs',
    'clockOffsetAgeSeconds',
    'businessDay',
    'software',
    'currency',
    'priceBasis',
    'lines',
    'taxes',
    'total',
    'payments',
  ],
  properties: {
    schemaVersion: { const: INVOICE_SCHEMA_VERSION },
    id: uuidV7,
    taxpayerId: identifier,
    premisesId: identifier,
    terminalId: identifier,
    journalId: uuid,
    counter: {
      type: 'integer',
      minimum: 1,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Gapless number of the invoice in its journal, from 1.',
    },
    previousDigest: {
      ...digest,
      type: ['string', 'null'],
      description: 'SHA-256 of the payload with the counter before; null at counter 1.',
    },
    type: { enum: ['normal', 'advance', 'training', 'proforma', 'copy'] },
    kind: { enum: ['sale', 'refund', 'void'] },
    number: {
      ...shortText,
      description: 'The shop’s own number of the invoice: once in a year for each till, type and kind.',
    },
    issuedAt: { ...dateTime, description: 'Time of sale by the till’s clock, with offset (RFC 3339).' },
    clockOffsetMs: {
      type: ['integer', 'null'],
      minimum: -Number.MAX_SAFE_INTEGER,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Till’s clock minus server’s, as last measured; null if never.',
    },
    clockOffsetAgeSeconds: {
      type: ['integer', 'null'],
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Age of that measurement; null if never.',
    },
    clockBehind: {
      ...dateTime,
      description:
        'Only where the till’s clock was behind a moment that had passed: that moment. Not measured by a server: the clock was before ' +
        'the publication of the parameters, or before an invoice of the same journal. The rates are those of this moment’s day or later.',
    },
    businessDay: date,
    enteredLater: {
      type: 'object',
      additionalProperties: false,
      required: ['at'],
      description: 'Only where the sale had taken place before it was entered, such as one from a handwritten receipt.',
      properties: {
        at: { ...dateTime, description: 'When it was entered, by the till’s clock; `issuedAt` is when it took place.' },
        reason: { ...requiredText, description: 'Why, in words of the shop; not given: nobody said.' },
      },
    },
    cashier: shortText,
    software: {
      type: 'object',
      additionalProperties: false,
      required: ['name', 'version'],
      properties: { name: shortText, version: shortText },
    },
    currency: { type: 'string', pattern: CURRENCY_PATTERN, description: 'ISO 4217.' },
    priceBasis: { enum: ['gross', 'net'], description: 'Whether line amounts include tax.' },
    lines: {
      type: 'array',
      minItems: 1,
      maxItems: LIMITS.invoiceLinesMax,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['type', 'description', 'quantity', 'unitPrice', 'amount'],
        properties: {
          type: { enum: ['goods', 'deposit', 'voucher', 'tip', 'discount', 'rounding'] },
          description: text,
          code: shortText,
          quantity: decimal,
          unitPrice: decimal,
          discount: { ...amount, description: 'Taken off quantity × unitPrice.' },
          amount,
          original: {
            type: 'integer',
            minimum: 0,
            maximum: LIMITS.originalsMax - 1,
            description: 'Only where `reference` names several originals: which of them the line takes back, from 0.',
          },
          taxCategory: { ...identifier, description: 'Required on every line but rounding ones, which have none.' },
          taxRate: {
            ...rate,
            description:
              'Only where `taxes` has the category at several rates, as in an exchange after a change of rate: the line’s.',
          },
          levies: {
            type: 'array',
            minItems: 1,
            maxItems: LIMITS.lineLeviesMax,
            description: 'Taxes on the line beside that of its category.',
            items: {
              type: 'object',
              additionalProperties: false,
              required: ['category'],
              properties: {
                category: identifier,
                rate: { ...rate, description: 'Only where `taxes` has the levy at several rates: the line’s.' },
              },
            },
          },
        },
      },
    },
    taxes: {
      type: 'array',
      maxItems: LIMITS.invoiceTaxesMax,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['category', 'rate', 'base', 'amount'],
        properties: {
          category: identifier,
          rate: { ...rate, description: 'Per cent, as decimal string.' },
          base: amount,
          amount,
          levy: {
            ...levyKind,
            description:
              'Only of a levy. `taxed`: the tax of the lines’ category is charged on it, too, and has it in its base; `untaxed`: both are ' +
              'charged on the same price.',
          },
        },
      },
    },
    total: {
      ...amount,
      description:
        'Negative where money goes back to the customer: a refund, a bottle return. The void of those is positive.',
    },
    payments: {
      type: 'array',
      maxItems: LIMITS.invoicePaymentsMax,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['method', 'amount'],
        properties: {
          method: { enum: ['cash', 'card', 'transfer', 'voucher', 'credit', 'other'] },
          amount,
          forfeited: {
            ...amount,
            minimum: 1,
            description:
              'Of a voucher that gives no change: what it was worth beyond `amount`. Nobody got it, and it is in no sum.',
          },
        },
      },
    },
    buyer: {
      type: 'object',
      additionalProperties: false,
      properties: { name: requiredText, taxId: shortText, address: requiredText },
    },
    reference: {
      description:
        'What a refund or void takes back: the original by identity or by code, several of them, or why none can be named.',
      oneOf: [
        identity,
        byCode,
        {
          type: 'object',
          additionalProperties: false,
          required: ['originals'],
          properties: {
            originals: {
              type: 'array',
              minItems: 2,
              maxItems: LIMITS.originalsMax,
              items: { oneOf: [identity, byCode] },
              description:
                'Of a refund of several: each line but rounding ones says by `original` which of them it takes back.',
            },
          },
        },
        { type: 'object', additionalProperties: false, required: ['reason'], properties: { reason: requiredText } },
      ],
    },
    supersedes: { ...identity, description: 'The refused invoice that this one corrects.' },
  },
} as const;

/** A signed invoice's payload. */
export type Invoice = FromSchema<typeof invoiceSchema>;
export type InvoiceLine = Invoice['lines'][number];
export type LineLevy = NonNullable<InvoiceLine['levies']>[number];
export type InvoiceTax = Invoice['taxes'][number];
export type InvoicePayment = Invoice['payments'][number];
export type InvoiceReference = NonNullable<Invoice['reference']>;
export type InvoiceType = Invoice['type'];
export type InvoiceKind = Invoice['kind'];
