import { describe, expect, it } from 'vitest';
import { sampleDraft } from '../testing/agent-fixture.js';
import { readDraft } from './read-draft.js';

const json = JSON.stringify(sampleDraft);

function codeOf(bytes: Uint8Array): string {
  const reading = readDraft(bytes);
  return reading.ok ? 'ok' : reading.problem.code;
}

describe('readDraft', () => {
  it('takes a draft as it is, also behind a byte order mark and in any spelling', () => {
    expect(readDraft(Buffer.from(json))).toEqual({ ok: true, draft: sampleDraft });
    expect(codeOf(Buffer.from(`\u{FEFF}${json}`))).toBe('ok');
    expect(codeOf(Buffer.from(JSON.stringify(sampleDraft, null, 2).replace('GBP', '\\u0047BP')))).toBe('ok');
  });

  it.each([
    ['bytes that are no UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'malformed_request'],
    ['half a document', Buffer.from(json.slice(0, -1)), 'malformed_request'],
    ['a name twice, once with an escape', Buffer.from('{"kind":"sale","k\\u0069nd":"void"}'), 'payload_duplicate_key'],
    ['2^53', Buffer.from(json.replace('"amount":255', '"amount":9007199254740992')), 'amount_unsafe'],
    ['a fraction of a penny', Buffer.from(json.replace('"amount":255', '"amount":2.55')), 'schema_violation'],
    ['no object', Buffer.from('null'), 'schema_violation'],
  ])('refuses %s', (_name, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  it.each([
    ['a line break', String.raw`Esp\nresso`, 'Esp resso'],
    ['a line break of Windows', String.raw`Esp\r\nresso`, 'Esp resso'],
    ['a tab and a NUL', String.raw`\tEspresso\u0000`, ' Espresso '],
    ['DEL and C1', 'Esp\u{7F}resso\u{9B}2J', 'Esp resso 2J'],
    ['half an emoji', String.raw`Espresso \ud83d`, 'Espresso \u{FFFD}'],
    ['the other half', String.raw`\ude00 Espresso`, '\u{FFFD} Espresso'],
    ['a whole emoji', 'Espresso ☕😀', 'Espresso ☕😀'],
  ])('takes %s in a text for what can be printed', (_what, sent, kept) => {
    const reading = readDraft(Buffer.from(json.replace('Espresso', sent)));
    expect(reading.ok && reading.draft.lines[0]?.description).toBe(kept);
  });

  it.each([
    ['2026-11-22T18:05:09.1234567+01:00', '2026-11-22T18:05:09.123+01:00'],
    ['2026-11-22T17:05:09.123456789Z', '2026-11-22T17:05:09.123Z'],
    ['2026-11-22t17:05:09.5z', '2026-11-22T17:05:09.5Z'],
    ['2026-11-22 17:05:09-00:30', '2026-11-22T17:05:09-00:30'],
  ])('takes the time %s for %s', (sent, kept) => {
    const reading = readDraft(Buffer.from(JSON.stringify({ ...sampleDraft, issuedAt: sent })));
    expect(reading.ok && reading.draft.issuedAt).toBe(kept);
  });

  it('takes no time without offset, and no day that is none', () => {
    for (const issuedAt of ['2026-11-22T17:05:09', '2026-02-30T17:05:09Z', '2026-11-22T17:05:09.Z'])
      expect(codeOf(Buffer.from(JSON.stringify({ ...sampleDraft, issuedAt })))).toBe('schema_violation');
  });
});
