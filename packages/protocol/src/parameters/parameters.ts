import type { FromSchema } from 'json-schema-to-ts';
import { levyKind } from '../invoice/invoice-schema.js';
import { LINKS_MAX } from '../keys/authorities.js';
import { LIMITS } from '../limits.js';
import { CURRENCY_PATTERN, RATE_PATTERN } from '../schema/patterns.js';

const text = { type: 'string', minLength: 1, maxLength: 500 } as const;
const date = { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' } as const;
const zone = { type: 'string', minLength: 1, maxLength: 64, description: 'Time zone, IANA name.' } as const;
const count = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;

/** Zones beside the default: all that there are, links included, are under 600. */
const TIME_ZONES_MAX = 600;

/** ISO 4217 lists some 180. */
const CURRENCIES_MAX = 300;

/** A public key as JWK (RFC 7517), P-256; `kid` is its thumbprint (RFC 7638). */
export const publicKeySchema = {
  type: 'object',
  additionalProperties: false,
  required: ['kty', 'crv', 'x', 'y', 'kid'],
  properties: {
    kty: { const: 'EC' },
    crv: { const: 'P-256' },
    x: text,
    y: text,
    kid: text,
    use: { const: 'sig' },
    alg: { const: 'ES256' },
  },
} as const;

/**
 * Parameters of the tills: a document signed by the server (JWS, typ parameters+jws, x5c of the signing certificate).
 * A till takes one with a higher `version` by any way, and keeps what it has otherwise.
 */
export const parametersSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:parameters-1',
  title: 'Parameters',
  type: 'object',
  additionalProperties: false,
  required: [
    'version',
    'environment',
    'publishedAt',
    'threshold',
    'offlineLimits',
    'deadlineMs',
    'taxRates',
    'addresses',
    'verificationUrl',
    'trustedKeys',
    'suspendedMaySell',
  ],
  properties: {
    version: { type: 'integer', minimum: 1 },
    environment: { enum: ['production', 'test'] },
    publishedAt: text,
    threshold: { type: 'integer', minimum: 1, maximum: LIMITS.thresholdMax },
    offlineLimits: {
      type: 'object',
      additionalProperties: false,
      required: ['hoursMax', 'invoicesMax', 'salesMax', 'atLimit'],
      properties: {
        hoursMax: { ...count, description: 'Hours since the first unreported invoice.' },
        invoicesMax: { ...count, description: 'Invoices waiting.' },
        salesMax: {
          ...count,
          description: 'Sum of waiting sales in the smallest unit; refunds and voids add nothing.',
        },
        atLimit: { enum: ['warn', 'stop'] },
      },
    },
    deadlineMs: { type: 'integer', minimum: 100, maximum: 60_000, description: 'How long a sale waits for its code.' },
    taxRates: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['category', 'rate', 'from', 'until'],
        properties: {
          category: text,
          rate: { type: 'string', pattern: RATE_PATTERN },
          from: { ...date, description: 'First business day.' },
          until: { ...date, type: ['string', 'null'], description: 'Last business day, inclusive; null: open.' },
          levy: {
            ...levyKind,
            description:
              'Only of a levy, which is charged beside the tax of a line’s category. `taxed`: that tax is charged on the levy, too.',
          },
        },
      },
    },
    addresses: {
      type: 'array',
      minItems: 1,
      items: text,
      description: 'Base URLs of the terminal listener, in order of preference.',
    },
    verificationUrl: { ...text, description: 'Base URL of the public listener; QR texts begin with it.' },
    trustedKeys: {
      type: 'array',
      minItems: 1,
      items: publicKeySchema,
      description: 'Keys that sign receipts, old ones included.',
    },
    authorities: {
      type: 'array',
      maxItems: LINKS_MAX,
      items: { type: 'string', minLength: 1, maxLength: 4_096 },
      description:
        'Where the authority is being replaced: certificates (DER, base64) of all authorities, and the links by which one vouches for ' +
        'another. A till trusts those that one it trusts vouches for.',
    },
    timeZones: {
      type: 'object',
      additionalProperties: false,
      required: ['default'],
      description: 'Of the premises. Without them a till takes the zone of its computer.',
      properties: {
        default: { ...zone, description: 'Of all premises that are not in `others`.' },
        others: {
          type: 'array',
          maxItems: TIME_ZONES_MAX,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['timeZone', 'premises'],
            properties: {
              timeZone: zone,
              premises: { type: 'array', minItems: 1, items: text, description: 'Their identifiers.' },
            },
          },
        },
      },
    },
    cashRoundingMax: {
      type: 'object',
      maxProperties: CURRENCIES_MAX,
      propertyNames: { pattern: CURRENCY_PATTERN },
      additionalProperties: count,
      description:
        'By how much cash rounding may change a total at most, in the smallest unit, by currency (ISO 4217). Others go by what is customary.',
    },
    suspendedMaySell: { type: 'boolean', description: 'Whether a suspended or revoked till may go on signing sales.' },
  },
} as const;

export type Parameters = FromSchema<typeof parametersSchema>;
export type OfflineLimits = Parameters['offlineLimits'];
export type TaxRate = Parameters['taxRates'][number];
export type PublicKey = FromSchema<typeof publicKeySchema>;
