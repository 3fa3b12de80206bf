import type { FromSchema } from 'json-schema-to-ts';
import { CODE_PATTERN, CURRENCY_PATTERN, DIGEST_PATTERN } from '../schema/patterns.js';

const text = { type: 'string', minLength: 1, maxLength: 64 } as const;

/**
 * Payload of a receipt: what the server stands for when it gives a code. It bears all that the ledger needs to take the
 * invoice back with the same code after a restore, and nothing that could identify a buyer.
 * `issuedAt`: time of sale in UTC, to the second; `registeredAt`: when the code was given, UTC, to the millisecond.
 */
export const receiptSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:receipt-1',
  title: 'Receipt',
  type: 'object',
  additionalProperties: false,
  required: [
    'receiptVersion',
    'environment',
    'code',
    'invoiceDigest',
    'taxpayerId',
    'premisesId',
    'terminalId',
    'invoiceId',
    'journalId',
    'counter',
    'type',
    'kind',
    'number',
    'issuedAt',
    'currency',
    'total',
    'door',
    'registeredAt',
  ],
  properties: {
    receiptVersion: { const: 1 },
    environment: { enum: ['production', 'test'] },
    code: { type: 'string', pattern: CODE_PATTERN },
    invoiceDigest: { type: 'string', pattern: DIGEST_PATTERN },
    taxpayerId: text,
    premisesId: text,
    terminalId: text,
    invoiceId: text,
    journalId: text,
    counter: { type: 'integer', minimum: 1 },
    type: { enum: ['normal', 'advance', 'training', 'proforma', 'copy'] },
    kind: { enum: ['sale', 'refund', 'void'] },
    number: text,
    issuedAt: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$' },
    currency: { type: 'string', pattern: CURRENCY_PATTERN },
    total: { type: 'integer' },
    door: { enum: ['issue', 'reissue'] },
    registeredAt: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$' },
  },
} as const;

export type Receipt = FromSchema<typeof receiptSchema>;
export type Door = Receipt['door'];
export type Environment = Receipt['environment'];

/** Why a receipt cannot be believed, in English. Officials read it in their language. */
export const RECEIPT_FAULTS = {
  receipt_not_jws: 'The receipt is not a compact JWS.',
  receipt_header_not_allowed: 'The receipt has another header than alg ES256, typ and kid.',
  receipt_key_not_listed: 'The receipt is signed by a key that the parameters do not list.',
  receipt_signature_does_not_fit: 'The receipt has a signature that does not fit.',
  receipt_malformed: 'The receipt does not have the agreed shape.',
  receipt_code_malformed: 'The receipt has a code that is not well formed.',
} as const;
export type ReceiptFault = keyof typeof RECEIPT_FAULTS;
