import { describe, expect, it } from 'vitest';
import { makeInvoice, makeInvoiceOfLines, makeLine, makeSigner } from '../testing/index.js';
import { signCompactJws } from '../jws/compact-jws.js';
import { LIMITS } from '../limits.js';
import { readInvoiceJws, readInvoicePayload } from './read-invoice.js';
import { digestOf } from './digest.js';
import { signInvoice } from './sign-invoice.js';

const signer = makeSigner();
const text = JSON.stringify(makeInvoice());
const jws = signInvoice(makeInvoice(), signer.privateKey, signer.thumbprint).jws;
const [header = '', payload = '', signature = ''] = jws.split('.');
const encoded = (header: string) => Buffer.from(header).toString('base64url');

function jwsCode(text: string): string {
  const reading = readInvoiceJws(text);
  return reading.ok ? 'ok' : reading.problem.code;
}

function read(json: string | Buffer) {
  return readInvoicePayload(Buffer.isBuffer(json) ? json : Buffer.from(json));
}

/** Code and first pointer of a refused payload. */
function refusal(json: string | Buffer): [string, string | undefined] {
  const reading = read(json);
  return reading.ok ? ['ok', undefined] : [reading.problem.code, reading.problem.errors?.[0]?.pointer];
}

describe('readInvoiceJws', () => {
  it('opens what signInvoice made, names of the header in any order', () => {
    expect(readInvoiceJws(jws)).toMatchObject({ ok: true, signerThumbprint: signer.thumbprint });
    const turned = `{ "x5t#S256":"${signer.thumbprint}", "typ":"invoice+jws", "alg":"ES256" }`;
    expect(jwsCode(`${encoded(turned)}.${payload}.${signature}`)).toBe('ok');
  });

  it('refuses what is larger than allowed before it looks at it', () => {
    expect(jwsCode('x'.repeat(LIMITS.invoiceBytesMax + 1))).toBe('invoice_too_large');
    expect(jwsCode('中'.repeat(LIMITS.invoiceBytesMax / 2))).toBe('invoice_too_large');
    expect(jwsCode('x'.repeat(LIMITS.invoiceBytesMax))).toBe('jws_malformed');
  });

  it.each([
    ['no JWS at all', 'hello'],
    ['nothing', ''],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${jws}.`],
    ['padding', `${header}.${payload}.${signature}=`],
    ['the other alphabet of base64', `${header}.${payload}.${'+/'.repeat(43)}`],
    ['a blank inside', `${header}.${payload} .${signature}`],
    ['a line break at the end', `${jws}\n`],
    ['bits left over', `${header}.${payload}.${signature.slice(0, -1)}B`],
    ['a length that no bytes have', `${header}.${payload}A`.slice(0, -1) + `AAAAA.${signature}A`],
    ['a header that is no JSON', `${encoded('{')}.${payload}.${signature}`],
    ['a header that is no object', `${encoded('["ES256"]')}.${payload}.${signature}`],
    ['a header that is no UTF-8', `${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.${payload}.${signature}`],
    [
      'a header of 20 KB',
      `${encoded(JSON.stringify({ alg: 'ES256', pad: 'x'.repeat(20_000) }))}.${payload}.${signature}`,
    ],
    ['JSON serialisation', JSON.stringify({ payload, protected: header, signature })],
  ])('calls %s malformed', (_, malformed) => {
    expect(jwsCode(malformed)).toBe('jws_malformed');
  });

  it('refuses a header that names a member twice, also when hidden by an escape', () => {
    const twice = `{"alg":"none","alg":"ES256","typ":"invoice+jws","x5t#S256":"${signer.thumbprint}"}`;
    expect(jwsCode(`${encoded(twice)}.${payload}.${signature}`)).toBe('jws_malformed');
    const hidden = twice.replace('"alg"', String.raw`"\u0061lg"`);
    expect(jwsCode(`${encoded(hidden)}.${payload}.${signature}`)).toBe('jws_malformed');
  });

  const good = { alg: 'ES256', typ: 'invoice+jws', 'x5t#S256': signer.thumbprint };
  it.each<[string, object]>([
    ['alg none', { ...good, alg: 'none' }],
    ['alg None', { ...good, alg: 'None' }],
    ['alg HS256', { ...good, alg: 'HS256' }],
    ['alg ES384', { ...good, alg: 'ES384' }],
    ['another type', { ...good, typ: 'receipt+jws' }],
    ['no type', { alg: 'ES256', 'x5t#S256': signer.thumbprint }],
    ['no thumbprint', { alg: 'ES256', typ: 'invoice+jws' }],
    ['another name for the thumbprint', { alg: 'ES256', typ: 'invoice+jws', x5t: signer.thumbprint }],
    ['a thumbprint of another length', { ...good, 'x5t#S256': 'abc' }],
    ['a thumbprint with bits left over', { ...good, 'x5t#S256': `${'A'.repeat(42)}B` }],
    ['a thumbprint that is no text', { ...good, 'x5t#S256': [signer.thumbprint] }],
    ['crit', { ...good, crit: ['exp'] }],
    ['jwk', { ...good, jwk: {} }],
    ['kid', { ...good, kid: '../../etc/passwd' }],
    ['b64', { ...good, b64: false }],
    ['__proto__', JSON.parse(`{"__proto__":{},"alg":"ES256","typ":"invoice+jws","x5t#S256":"${signer.thumbprint}"}`)],
  ])('refuses a header with %s', (_, header) => {
    expect(jwsCode(`${encoded(JSON.stringify(header))}.${payload}.${signature}`)).toBe('jws_header_not_allowed');
  });

  it('tells an unsecured JWS by its header, though its signature is empty', () => {
    expect(jwsCode(`${encoded(JSON.stringify({ ...good, alg: 'none' }))}.${payload}.`)).toBe('jws_header_not_allowed');
  });
});

describe('readInvoicePayload', () => {
  it('takes an invoice in any spelling of JSON, with the digest of the very bytes', () => {
    const plain = read(text);
    const spaced = read(JSON.stringify(JSON.parse(text), null, 2));
    const escaped = read(text.replace('Anna', String.raw`\u0041nna`).replaceAll('/', String.raw`\/`));
    for (const reading of [plain, spaced, escaped])
      expect(reading).toMatchObject({ ok: true, invoice: JSON.parse(text) as object });
    expect(new Set([plain, spaced, escaped].map(({ digest }) => digest)).size).toBe(3);
    expect(plain.digest).toBe(digestOf(Buffer.from(text)));
  });

  it.each([
    ['broken JSON', Buffer.from('{"a":')],
    ['nothing', Buffer.alloc(0)],
    ['bytes that are no UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')])],
    ['half a surrogate pair in bytes', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['a byte order mark', Buffer.from(`\u{FEFF}${text}`)],
    ['NaN', Buffer.from(text.replace('"total":', '"total":NaN,"x":'))],
    ['Infinity', Buffer.from('{"total":Infinity}')],
    ['a leading zero', Buffer.from('{"total":01}')],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['a raw control character', Buffer.from('{"a":"\u{0}"}')],
  ])('calls %s no JSON', (_, bytes) => {
    expect(refusal(bytes)).toEqual(['payload_not_json', undefined]);
  });

  it('finds a member named twice, with the same value too', () => {
    expect(refusal(text.replace('"counter":1', '"counter":1,"counter":1'))).toEqual([
      'payload_duplicate_key',
      '/counter',
    ]);
    expect(refusal(text.replace('"quantity":"1"', String.raw`"quantity":"1","qu\u0061ntity":"1"`))).toEqual([
      'payload_duplicate_key',
      '/lines/0/quantity',
    ]);
  });

  it.each(['1.0', '1e0', '1.0000000000000000001', '0.5', '-0', '1E400'])('refuses the number %s', (number) => {
    expect(refusal(text.replace('"counter":1', `"counter":${number}`))).toEqual([
      'payload_number_not_integer',
      '/counter',
    ]);
  });

  it.each(['9007199254740992', '-9007199254740992', '9007199254740993', '1'.repeat(400)])(
    'calls %s unsafe',
    (number) => {
      expect(refusal(text.replace(/"total":\d+/, `"total":${number}`))).toEqual(['amount_unsafe', '/total']);
    },
  );

  it('takes amounts up to 2^53 − 1, and no sum beyond', () => {
    const huge = (amount: number, count: number) =>
      makeInvoice({
        lines: Array.from({ length: count }, () => ({ ...makeLine(), taxCategory: 'zero', amount, unitPrice: '1' })),
      });
    expect(refusal(JSON.stringify(huge(Number.MAX_SAFE_INTEGER, 1)))).toEqual(['ok', undefined]);
    expect(refusal(JSON.stringify({ ...huge(2 ** 52, 2), taxes: [], payments: [], total: 0 }))).toEqual([
      'amount_unsafe',
      '/lines',
    ]);
  });

  it.each([
    ['NUL', String.raw`\u0000`],
    ['a line break', String.raw`\n`],
    ['DEL', '\u{7F}'],
    ['a C1 control', '\u{9B}'],
    ['an escaped C1 control', String.raw`\u0085`],
    ['a high surrogate alone', String.raw`\ud800`],
    ['a low surrogate alone', String.raw`x\udc00`],
    ['a pair the wrong way round', String.raw`\ude00\ud83d`],
  ])('refuses %s in a text', (_, spelled) => {
    expect(refusal(text.replace('Anna', `A${spelled}`))).toEqual(['text_not_allowed', '/cashier']);
  });

  it.each([
    '"quoted"',
    'back\\slash',
    'tail\\',
    '中文',
    'Grüße',
    '😀',
    "'; DROP TABLE ledger; --",
    '${jndi:ldap}',
    '\u{2028}',
  ])('takes the text %s', (cashier) => {
    expect(read(JSON.stringify(makeInvoice({ cashier })))).toMatchObject({ ok: true, invoice: { cashier } });
  });

  it('refuses 10,001 lines, and takes 10,000', () => {
    expect(refusal(JSON.stringify(makeInvoiceOfLines(10_000)))).toEqual(['ok', undefined]);
    expect(refusal(JSON.stringify(makeInvoiceOfLines(10_001)))).toEqual(['too_many_lines', '/lines']);
  });

  it.each<[string, unknown, string]>([
    ['an unknown member', { ...makeInvoice(), extra: 1 }, '/extra'],
    [
      'an unknown member of a line',
      makeInvoice({ lines: [{ ...makeLine(), colour: 'red' } as never] }),
      '/lines/0/colour',
    ],
    ['a missing member', { ...makeInvoice(), currency: undefined }, '/currency'],
    ['a number as text', { ...makeInvoice(), total: '5' }, '/total'],
    ['null', { ...makeInvoice(), lines: null }, '/lines'],
    ['no line', makeInvoice({ lines: [] }), '/lines'],
    ['a day that does not exist', makeInvoice({ businessDay: '2026-02-30' }), '/businessDay'],
    ['a time on such a day', makeInvoice({ issuedAt: '2025-02-29T10:00:00Z' }), '/issuedAt'],
    ['a year that no clock shows', makeInvoice({ businessDay: '0000-01-01' }), '/businessDay'],
    ['a time without offset', makeInvoice({ issuedAt: '2026-11-22T18:05:00' }), '/issuedAt'],
    [
      'a digest with bits left over',
      makeInvoice({ counter: 2, previousDigest: `${'A'.repeat(42)}B` }),
      '/previousDigest',
    ],
    ['an exponent in a quantity', makeInvoice({ lines: [{ ...makeLine(), quantity: '1e3' }] }), '/lines/0/quantity'],
    ['another version', { ...makeInvoice(), schemaVersion: 2 }, '/schemaVersion'],
    ['a text too long', makeInvoice({ cashier: 'x'.repeat(65) }), '/cashier'],
    ['an array', [makeInvoice()], ''],
    ['a number', 1, ''],
    ['null itself', null, ''],
  ])('finds %s against the schema and says where', (_, value, pointer) => {
    expect(refusal(JSON.stringify(value))).toEqual(['schema_violation', pointer]);
  });

  it('tells one fault for each place', () => {
    const reading = read(JSON.stringify(makeInvoice({ issuedAt: 'today', reference: {} as never })));
    expect(reading).toMatchObject({
      problem: {
        errors: [
          { pointer: '/issuedAt', detail: expect.stringMatching(/^Must be a time with offset/) as string },
          { pointer: '/reference', detail: 'Must have exactly one of the agreed forms.' },
        ],
      },
    });
  });

  it('takes leap days', () => {
    expect(refusal(JSON.stringify(makeInvoice({ businessDay: '2024-02-29' })))).toEqual(['ok', undefined]);
  });

  it('treats __proto__ and constructor as the unknown members they are', () => {
    expect(refusal(text.replace('{', '{"__proto__":{"total":0},'))).toEqual(['schema_violation', '/__proto__']);
    expect(refusal(text.replace('"lines":[{', '"lines":[{"constructor":1,'))).toEqual([
      'schema_violation',
      '/lines/0/constructor',
    ]);
    const without = text.replace(/"total":\d+,/, '').replace('{', '{"__proto__":{"total":0},');
    expect(refusal(without)[0]).toBe('schema_violation');
  });

  it('lists what is wrong up to ten faults, and only the first of a huge document', () => {
    const faults = (count: number, line = {}) => {
      const reading = read(JSON.stringify({ ...makeInvoice(), lines: Array.from({ length: count }, () => line) }));
      return reading.ok ? [] : reading.problem.errors;
    };
    expect(faults(9)).toHaveLength(10);
    expect(faults(9_000, { unknown: 0 })).toHaveLength(1);
  });

  it('refuses endless nesting as it refuses 33 levels', () => {
    const deep = `${'{"a":['.repeat(200_000)}${']}'.repeat(200_000)}`;
    expect(refusal(deep)[0]).toBe('payload_not_json');
  });

  it('never repeats hostile names as they are', () => {
    const reading = read(`{"${String.raw`\u0000`}${'x'.repeat(1000)}":1}`);
    const pointer = reading.ok ? '' : (reading.problem.errors?.[0]?.pointer ?? '');
    expect(pointer).toMatch(/^\/\u{FFFD}x+…$/u);
    expect(pointer.length).toBeLessThan(100);
  });

  it('tells what a refused payload claims to be, as far as it can be read', () => {
    const invoice = makeInvoice({ counter: 7 });
    const claims = { invoiceId: invoice.id, journalId: invoice.journalId, counter: 7 };
    expect(read(JSON.stringify({ ...invoice, extra: 1 }))).toMatchObject({ ok: false, claims });
    expect(read('{"id":"x","journalId":5,"counter":1.5}')).toMatchObject({
      claims: { invoiceId: null, journalId: null, counter: null },
    });
    expect(read('[]')).toMatchObject({ claims: { invoiceId: null, journalId: null, counter: null } });
  });
});

describe('a signed invoice', () => {
  it('is not believed with a signature of another length', () => {
    const short = signCompactJws({ typ: 'invoice+jws' }, '{}', signer.privateKey);
    expect(jwsCode(short)).toBe('jws_header_not_allowed');
  });
});
