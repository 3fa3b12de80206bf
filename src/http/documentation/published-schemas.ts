import { PROBLEMS, SCHEMAS, WARNINGS } from '@tax-control/protocol';
import type { Schema } from './describe.js';

const text = { type: 'string' } as const;

/** A problem as it goes over the wire (RFC 9457). */
export const problemSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:problem-1',
  title: 'Problem',
  type: 'object',
  required: ['type', 'code', 'title', 'status', 'detail', 'retry'],
  properties: {
    type: { ...text, description: 'URN of the code.' },
    code: { enum: Object.keys(PROBLEMS), description: 'What programs switch on; more may come.' },
    title: { ...text, description: 'What is wrong, for people.' },
    status: { type: 'integer', description: 'HTTP status of a request that fails as a whole with it.' },
    detail: { ...text, description: 'What to do, for people.' },
    retry: {
      enum: ['same', 'later', 'never'],
      description: 'same: send the same bytes again, soon; later: keep it and send it later; never: changes nothing.',
    },
    retryAfterMs: { type: 'integer', minimum: 0 },
    allowed: { type: 'integer', description: 'The number that would have been accepted.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: { pointer: { ...text, description: 'JSON Pointer (RFC 6901).' }, detail: text },
      },
    },
    requestId: { ...text, description: 'What the server’s log can be searched for.' },
  },
} as const;

const warningSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:warning-1',
  title: 'Warning',
  type: 'object',
  required: ['code', 'detail'],
  properties: { code: { enum: Object.keys(WARNINGS) }, detail: text },
} as const;

/** Schemas that makers of tills build against, by the names that the OpenAPI document refers to. */
export const PUBLISHED_SCHEMAS: Readonly<Record<string, Schema>> = Object.fromEntries(
  [...Object.values(SCHEMAS), problemSchema, warningSchema].map((schema) => [schema.title, schema]),
);

const SCHEMA_URN = 'urn:tax-control:schema:';

/** File name under /schemas/ → schema: `urn:tax-control:schema:invoice-1` is `invoice-1.json`. */
export const SCHEMA_FILES: ReadonlyMap<string, Schema> = new Map(
  Object.values(PUBLISHED_SCHEMAS).map((schema) => [`${String(schema['$id']).slice(SCHEMA_URN.length)}.json`, schema]),
);

/** What `/schemas` lists, so that nobody has to guess a name. */
export const SCHEMA_INDEX = {
  schemas: [...SCHEMA_FILES].map(([file, { title, $id: id }]) => ({ title, id, path: `/schemas/${file}` })),
};
