import { describe, expect, it } from 'vitest';
import { makeInvoice, makeLine } from '../testing/index.js';
import { checkInvoice } from './check-invoice.js';
import { readInvoicePayload } from './read-invoice.js';
import { encodeInvoice } from './sign-invoice.js';

const SQL = `x'); DROP TABLE ledger; --`;
const HOSTILE = [
  SQL,
  '<script>alert(1)</script>',
  '${jndi:ldap://x}',
  '../../etc/passwd',
  '%00',
  '{{7*7}}',
  '\u{202E}drawkcab',
];

describe.each(HOSTILE)('the text %s', (hostile) => {
  it('is a text like any other in every field for texts, and comes out as it went in', () => {
    const invoice = makeInvoice({
      kind: 'refund',
      number: hostile,
      cashier: hostile,
      software: { name: hostile, version: hostile },
      lines: [{ ...makeLine(), description: hostile, code: hostile }],
      buyer: { name: hostile, taxId: hostile, address: hostile },
      reference: { reason: hostile },
    });
    const reading = readInvoicePayload(encodeInvoice(invoice));
    expect(reading).toMatchObject({ ok: true, invoice });
    expect(checkInvoice(invoice)).toBeNull();
  });

  it('is refused as identifier, unit or day', () => {
    const members = [
      'id',
      'taxpayerId',
      'premisesId',
      'terminalId',
      'journalId',
      'previousDigest',
      'issuedAt',
      'businessDay',
      'currency',
      'type',
      'kind',
    ];
    for (const member of members) {
      const reading = readInvoicePayload(Buffer.from(JSON.stringify({ ...makeInvoice(), [member]: hostile })));
      expect(reading).toMatchObject({ problem: { code: 'schema_violation', errors: [{ pointer: `/${member}` }] } });
    }
  });
});
