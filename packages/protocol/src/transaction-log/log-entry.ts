import type { FromSchema } from 'json-schema-to-ts';
import { LIMITS } from '../limits.js';
import { UUID_PATTERN } from '../schema/patterns.js';
import { DATE_TIME_PATTERN } from '../time.js';

const uuid = { type: 'string', pattern: UUID_PATTERN } as const;
const text = { type: 'string', maxLength: LIMITS.textLengthMax } as const;
const milliseconds = { type: ['integer', 'null'], minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

/**
 * One attempt at the till (ARCHITECTURE, words). `id` is the attempt's identity: it is sent as header `attempt-id`,
 * so that what the server saw of the same attempt meets this entry.
 * `cause` is a code of the catalogue, or one that a newer till knows. `detail` holds the operating system's error.
 */
export const logEntrySchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:log-entry-1',
  title: 'LogEntry',
  type: 'object',
  additionalProperties: false,
  required: [
    'id',
    'at',
    'door',
    'invoiceId',
    'outcome',
    'cause',
    'detail',
    'address',
    'connectMs',
    'tlsMs',
    'answerMs',
    'totalMs',
  ],
  properties: {
    id: uuid,
    at: {
      type: 'string',
      format: 'date-time',
      pattern: DATE_TIME_PATTERN,
      description: 'When the attempt began, by the till’s clock (RFC 3339).',
    },
    door: { enum: ['issue', 'reissue'] },
    invoiceId: uuid,
    outcome: {
      enum: ['issued', 'already_issued', 'refused', 'deferred', 'failed', 'not_authenticated', 'not_tried', 'repeated'],
      description:
        'Nothing was sent where it is `not_tried` (the line was known to be down; `cause` is what was found to be wrong with it) and `repeated` (the till’s software asked again for a sale that it had, and got the answer of then).',
    },
    cause: { type: ['string', 'null'], maxLength: LIMITS.identifierLengthMax },
    detail: { ...text, type: ['string', 'null'] },
    address: {
      ...text,
      type: ['string', 'null'],
      description: 'Server address that was tried last; null when none was.',
    },
    connectMs: milliseconds,
    tlsMs: milliseconds,
    answerMs: milliseconds,
    totalMs: {
      ...milliseconds,
      description: 'Of the whole attempt until its outcome, with what it waited for before anything was sent.',
    },
  },
} as const;

export type LogEntry = FromSchema<typeof logEntrySchema>;
export type AttemptOutcome = LogEntry['outcome'];
