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
    ['a lone surrogate', Buffer.from(json.replace('Espresso', '\\ud800')), 'text_not_allowed'],
    ['a fraction of a penny', Buffer.from(json.replace('"amount":255', '"amount":2.55')), 'schema_violation'],
    ['no object', Buffer.from('null'), 'schema_violation'],
  ])('refuses %s', (_name, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });
});
