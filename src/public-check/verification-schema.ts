import { invoiceSchema } from '@tax-control/protocol';
import { RECEIPT_PROOFS } from '@tax-control/protocol/console';

const text = { type: 'string' } as const;
const time = { type: 'string', format: 'date-time' } as const;

/** {@link Verification}, for the API's documentation. */
export const verificationSchema = {
  type: 'object',
  required: ['code', 'environment', 'onFile'],
  properties: {
    code: { ...text, description: '20 digits.' },
    environment: { enum: ['production', 'test'] },
    onFile: { type: 'boolean' },
    knownBy: {
      enum: RECEIPT_PROOFS,
      description:
        'Only where a restored database has forgotten the invoice, and a receipt that was handed in, or its print, is all that is known of it.',
    },
    total: { enum: ['not_given', 'unreadable', 'differs', 'fits'], description: 'Only where the code is on file.' },
    invoice: {
      type: 'object',
      description: 'Only with the right total.',
      properties: {
        shop: {
          type: ['object', 'null'],
          properties: { taxpayer: text, premises: text, address: text },
        },
        soldAt: { ...time, description: 'As on the receipt.' },
        total: { type: 'integer', description: 'Smallest unit of the currency.' },
        currency: text,
        type: invoiceSchema.properties.type,
        kind: invoiceSchema.properties.kind,
        registeredAt: {
          type: ['string', 'null'],
          format: 'date-time',
          description: 'Null where only the print of the receipt is known.',
        },
        contentRemovedAt: {
          type: ['string', 'null'],
          format: 'date-time',
          description: 'When the lines were removed after their retention; what is told here stays.',
        },
        isVoided: { type: 'boolean', description: 'A later invoice takes it back as a whole.' },
      },
    },
  },
} as const;
