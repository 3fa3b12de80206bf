import { CODE_PATTERN } from '@tax-control/protocol';
import { type RouteDescription, type Schema, schemaOf } from '../http/documentation/describe.js';

export const jwsSchema: Schema = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$',
  description: 'Compact JWS (RFC 7515, 7.1), ES256.',
};

/** Members of an invoice that has its code. */
export const issuedMembers: Readonly<Record<string, Schema>> = {
  result: { enum: ['issued', 'already_issued'], description: 'Both are success; the receipt is the same ever after.' },
  receipt: {
    ...jwsSchema,
    description: 'Compact JWS (typ receipt+jws); its payload is described at /schemas/receipt-1.json.',
  },
  warnings: { type: 'array', items: schemaOf('Warning') },
};

/** What every answer about invoices tells beside the results. */
export const standingMembers: Readonly<Record<string, Schema>> = {
  allowance: {
    type: 'integer',
    minimum: 0,
    description: 'How many offline invoices one online transaction may carry for the moment.',
  },
  lastCounter: {
    type: ['integer', 'null'],
    description: 'Highest counter on file for the journal of the (last) invoice, refused ones included.',
  },
  lastJump: {
    type: ['integer', 'null'],
    description:
      'First number behind the last jump of the numbers; null: they never jumped. Another one than before means that the database was restored or started anew, and may have forgotten receipts: ask (`POST /v1/holdings`).',
  },
  newestKnown: {
    type: 'boolean',
    description:
      'Whether the request’s `newestCode` is on file; true where it named none. False means the same as another `lastJump`.',
  },
};

/** Names of {@link standingMembers}: all of them are in every answer. */
export const STANDING_NAMES = Object.keys(standingMembers);

export const newestCodeSchema: Schema = {
  type: 'string',
  pattern: CODE_PATTERN,
  description: 'The highest code of the receipts that this terminal holds; left out: it holds none.',
};

/** `POST /v1/invoices` */
export const ISSUE_DESCRIPTION: RouteDescription = {
  tag: 'Invoices',
  summary: 'Have one invoice issued',
  description:
    'Gives the invoice its tax control code. The same bytes may be sent again at any time: the answer is the same receipt with `already_issued`.',
  body: {
    schema: {
      type: 'object',
      required: ['invoice'],
      additionalProperties: false,
      properties: {
        invoice: {
          ...jwsSchema,
          description: 'Compact JWS (typ invoice+jws); its payload is described at /schemas/invoice-1.json.',
        },
        resumed: {
          type: 'boolean',
          description:
            'True where the till stopped between signing the invoice and having its answer: its age says nothing about the till’s clock.',
        },
        newestCode: newestCodeSchema,
      },
    },
  },
  answer: {
    description: 'The invoice has its code, committed.',
    schema: {
      type: 'object',
      required: ['result', 'receipt', 'warnings', ...STANDING_NAMES],
      properties: { ...issuedMembers, ...standingMembers },
    },
  },
  problems: [
    'server_busy',
    'outcome_unknown',
    'server_behind',
    'malformed_request',
    'invalid_request',
    'request_too_large',
    'certificate_missing',
    'certificate_untrusted',
    'certificate_not_yet_valid',
    'certificate_expired',
    'terminal_unknown',
    'certificate_revoked',
    'terminal_revoked',
    'terminal_suspended',
    'certificate_expired_long_ago',
    'too_many_refusals',
    'invoice_too_large',
    'jws_malformed',
    'jws_header_not_allowed',
    'signer_unknown',
    'signature_invalid',
    'payload_not_json',
    'payload_duplicate_key',
    'payload_number_not_integer',
    'amount_unsafe',
    'text_not_allowed',
    'too_many_lines',
    'schema_violation',
    'wrong_terminal',
    'wrong_taxpayer',
    'wrong_premises',
    'reference_missing',
    'line_arithmetic',
    'tax_arithmetic',
    'total_arithmetic',
    'payment_arithmetic',
    'identity_conflict',
    'row_refused',
    'terminal_filed_differently',
    'parameters_missing',
  ],
};
