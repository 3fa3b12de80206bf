import type { FromSchema } from 'json-schema-to-ts';
import { invoiceSchema } from '../invoice/invoice-schema.js';

const { taxes, currency, businessDay } = invoiceSchema.properties;
const { category, rate, levy } = taxes.items.properties;

/** Shape of {@link OriginalAnswer}. */
export const originalAnswerSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['taxes', 'currency', 'businessDay'],
  properties: {
    taxes: {
      type: 'array',
      maxItems: taxes.maxItems,
      description: 'Each rate of each category once, as the original states them.',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['category', 'rate'],
        properties: { category, rate, levy },
      },
    },
    currency,
    businessDay,
  },
} as const;

/** `GET /v1/originals/{code}` and `GET /v1/originals/{terminalId}/{invoiceId}`: what a refund or void of an invoice needs of it. */
export type OriginalAnswer = FromSchema<typeof originalAnswerSchema>;
