import { type RouteDescription, schemaOf } from '../http/documentation/describe.js';
import {
  issuedMembers,
  jwsSchema,
  newestCodeSchema,
  STANDING_NAMES,
  standingMembers,
} from '../issuance/issue-description.js';

/** `POST /v1/reissues` */
export const REISSUE_DESCRIPTION: RouteDescription = {
  tag: 'Invoices',
  summary: 'Have offline invoices issued',
  description:
    'Takes what had to wait in a journal, oldest first, up to the threshold of the parameters. Each invoice has a result of its own, in order; none holds up another. Suspended terminals and expired certificates are admitted.',
  body: {
    schema: {
      type: 'object',
      required: ['invoices'],
      additionalProperties: false,
      properties: { invoices: { type: 'array', minItems: 1, items: jwsSchema }, newestCode: newestCodeSchema },
    },
  },
  answer: {
    description: 'A result for each invoice.',
    schema: {
      type: 'object',
      required: ['results', ...STANDING_NAMES],
      properties: {
        results: {
          type: 'array',
          items: {
            oneOf: [
              { type: 'object', required: ['result', 'receipt', 'warnings'], properties: issuedMembers },
              {
                type: 'object',
                required: ['result', 'problem'],
                properties: {
                  result: {
                    enum: ['refused', 'deferred'],
                    description:
                      'refused: sending it again changes nothing; deferred: keep it and send it again later.',
                  },
                  problem: schemaOf('Problem'),
                },
              },
            ],
          },
        },
        ...standingMembers,
      },
    },
  },
  problems: [
    'server_busy',
    'outcome_unknown',
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
    'batch_empty',
    'over_threshold',
    'parameters_missing',
  ],
};
