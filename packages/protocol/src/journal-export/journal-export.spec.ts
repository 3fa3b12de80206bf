import { describe, expect, it } from 'vitest';
import { JournalExportTally } from './journal-export.js';

const tallyOf = (...lines: readonly string[]): JournalExportTally => {
  const tally = new JournalExportTally();
  for (const line of lines) tally.add(line, (JSON.parse(line) as { kind: string }).kind);
  return tally;
};
const [TILL, INVOICE, GAP] = ['{"kind":"till"}', '{"kind":"invoice"}', '{"kind":"unreadable"}'];

describe('the end of an export', () => {
  it('counts the lines and digests their bytes with their line feeds', () => {
    expect(tallyOf(TILL, INVOICE, GAP).end()).toEqual({
      kind: 'end',
      lines: 3,
      invoices: 1,
      unreadable: 1,
      // printf '{"kind":"till"}\n{"kind":"invoice"}\n{"kind":"unreadable"}\n' | openssl dgst -sha256 -binary | basenc --base64url
      sha256: 'AZIVH8FTJwAOFAR0d9FqQllM-43vk-sUW4Xx76FXATc',
    });
  });

  it('is the same for text and for bytes', () => {
    const bytes = new JournalExportTally();
    bytes.add(Buffer.from(TILL), 'till');
    expect(bytes.end()).toEqual(tallyOf(TILL).end());
  });

  it('belongs behind these lines and no others', () => {
    const end = { ...tallyOf(TILL, INVOICE, INVOICE).end() };
    expect(tallyOf(TILL, INVOICE, INVOICE).isEndedBy(end)).toBe(true);
    expect(tallyOf(TILL, INVOICE).isEndedBy(end)).toBe(false);
    expect(tallyOf(TILL, INVOICE, '{"kind":"invoice" }').isEndedBy(end)).toBe(false);
    expect(tallyOf(TILL, INVOICE, INVOICE).isEndedBy({ ...end, lines: 4 })).toBe(false);
  });
});
