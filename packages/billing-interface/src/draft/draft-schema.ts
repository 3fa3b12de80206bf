import { invoiceSchema } from '@tax-control/protocol';
import { DATE_TIME } from './tidy-draft.js';

const { properties } = invoiceSchema;
const line = properties.lines.items;

/**
 * Shape of a sale as the MIS hands it over: the members of an invoice that the till does not know itself. What it leaves out
 * (amounts of lines, taxes, total, times) the till computes; texts and times it makes tidy (tidy-draft.ts).
 */
export const draftSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:draft-1',
  title: 'InvoiceDraft',
  type: 'object',
  additionalProperties: false,
  dependentRequired: { enteredLater: ['issuedAt'] },
  required: ['kind', 'number', 'currency', 'priceBasis', 'lines', 'payments'],
  properties: {
    type: properties.type,
    kind: properties.kind,
    number: properties.number,
    issuedAt: {
      ...properties.issuedAt,
      pattern: DATE_TIME.source,
      description: 'Time of sale (RFC 3339, with offset), cut to milliseconds; now, if left out.',
    },
    businessDay: { ...properties.businessDay, description: 'The shop’s day at issuedAt, if left out.' },
    enteredLater: {
      type: 'object',
      additionalProperties: false,
      required: ['reason'],
      description: 'The sale took place at issuedAt, which must be given, and is entered only now.',
      properties: { reason: properties.enteredLater.properties.reason },
    },
    cashier: properties.cashier,
    currency: properties.currency,
    priceBasis: properties.priceBasis,
    lines: {
      ...properties.lines,
      items: { ...line, required: line.required.filter((name) => name !== 'amount') },
    },
    taxes: properties.taxes,
    total: properties.total,
    payments: properties.payments,
    buyer: properties.buyer,
    reference: properties.reference,
    supersedes: properties.supersedes,
  },
} as const;
