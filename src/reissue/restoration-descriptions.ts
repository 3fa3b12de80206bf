import { CODE_PATTERN, LIMITS, type ProblemCode } from '@tax-control/protocol';
import { type RouteDescription, schemaOf } from '../http/documentation/describe.js';
import { jwsSchema, standingMembers } from '../issuance/issue-description.js';

const CALLER_PROBLEMS: readonly ProblemCode[] = [
  'server_busy',
  'malformed_request',
  'invalid_request',
  'request_too_large',
  'certificate_missing',
  'certificate_untrusted',
  'certificate_not_yet_valid',
  'terminal_unknown',
  'certificate_revoked',
  'terminal_revoked',
  'certificate_expired_long_ago',
];

/** `POST /v1/holdings` */
export const HOLDINGS_DESCRIPTION: RouteDescription = {
  tag: 'Invoices',
  summary: 'Ask which of the own receipts the server has forgotten',
  description:
    'For a terminal that sees another `lastJump` than before, or `newestKnown` false: it names the codes that it holds, the highest first, ' +
    'until none of a list is missing and the next is not above `keptUpTo`. What is missing it presents (`POST /v1/restorations`). Then it asks ' +
    'once without codes: all that it holds is on file. Suspended terminals and expired certificates are admitted.',
  body: {
    schema: {
      type: 'object',
      required: ['codes', 'lastJump'],
      additionalProperties: false,
      properties: {
        codes: {
          type: 'array',
          maxItems: LIMITS.holdingsMax,
          items: { type: 'string', pattern: CODE_PATTERN },
          description: 'Codes that this terminal holds; none: all that it holds was found on file behind `lastJump`.',
        },
        lastJump: {
          type: ['integer', 'null'],
          description: 'The jump behind which all that this terminal holds was on file; null: none yet.',
        },
      },
    },
  },
  answer: {
    description: 'What is missing.',
    schema: {
      type: 'object',
      required: ['missing', 'lastJump', 'keptUpTo'],
      properties: {
        missing: {
          type: 'array',
          items: { type: 'string', pattern: CODE_PATTERN },
          description: 'Those of the codes that are not on file for this terminal, in their order.',
        },
        lastJump: standingMembers['lastJump'] ?? {},
        keptUpTo: {
          type: ['integer', 'null'],
          description:
            'No receipt with a number up to this one was forgotten since the jump that the request named; null: nothing is known to be kept.',
        },
      },
    },
  },
  problems: CALLER_PROBLEMS,
};

const result = (names: readonly string[], description: string) => ({ enum: [...names], description });

/** `POST /v1/restorations` */
export const RESTORATION_DESCRIPTION: RouteDescription = {
  tag: 'Invoices',
  summary: 'Bring back invoices that the server has forgotten',
  description:
    'Takes invoices with the receipts that this server gave for them, up to the threshold of the parameters. Each is stored as it was: the same ' +
    'number, code, receipt and time of registration. Each item has a result of its own, in order. Suspended terminals and expired certificates ' +
    'are admitted.',
  body: {
    schema: {
      type: 'object',
      required: ['items'],
      additionalProperties: false,
      properties: {
        items: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['invoice', 'receipt'],
            additionalProperties: false,
            properties: { invoice: jwsSchema, receipt: jwsSchema },
          },
        },
      },
    },
  },
  answer: {
    description: 'A result for each item.',
    schema: {
      type: 'object',
      required: ['results'],
      properties: {
        results: {
          type: 'array',
          items: {
            oneOf: [
              {
                type: 'object',
                required: ['result'],
                properties: {
                  result: result(
                    ['restored', 'on_file'],
                    'restored: on file again; on_file: it was there, byte for byte. Both are success.',
                  ),
                },
              },
              {
                type: 'object',
                required: ['result', 'problem'],
                properties: {
                  result: result(
                    ['refused', 'deferred'],
                    'refused: presenting it again changes nothing; deferred: present it again later.',
                  ),
                  problem: schemaOf('Problem'),
                },
              },
            ],
          },
        },
      },
    },
  },
  problems: ['outcome_unknown', ...CALLER_PROBLEMS, 'batch_empty', 'over_threshold', 'parameters_missing'],
};
