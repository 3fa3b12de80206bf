import { LIMITS, type ProblemCode } from '@tax-control/protocol';
import { makeInvoiceOfLines, tampered } from '@tax-control/protocol/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Till } from '../issuance/office.js';
import {
  type BadInputGround,
  Counter,
  NOTHING_STORED,
  refusalOf,
  nextText,
  type Outcome,
  outcomeOf,
  refusedWith,
  signBytes,
  startBadInputGround,
  usualHeader,
} from './ground.js';

/** Bytes that cannot be read or believed: each is refused with its cause, kept with its bytes, and nothing else happens. */

let ground: BadInputGround;
let till: Till;
let counter: Counter;
beforeAll(async () => {
  ground = await startBadInputGround();
  till = await ground.newTill();
  counter = new Counter(ground.server, till);
});
afterAll(async () => {
  counter.close();
  await ground.stop();
});

/** Sends an invoice; what it came to, and the cause that is on file for its bytes. */
async function send(jws: string): Promise<Outcome & { readonly onFile: unknown }> {
  const outcome = await outcomeOf(ground, counter, () => counter.issue(jws));
  return { ...outcome, onFile: await refusalOf(ground, till, jws) };
}

function refused(code: ProblemCode, pointer?: string): Outcome & { readonly onFile: unknown } {
  const onFile = expect.objectContaining({ cause: code, door: 'issue' }) as unknown;
  return { ...refusedWith(code, pointer), onFile };
}

const encoded = (header: object | string): string =>
  Buffer.from(typeof header === 'string' ? header : JSON.stringify(header)).toString('base64url');

/** The next invoice with one of its three parts changed. */
function spoil(part: 0 | 1 | 2, change: (text: string) => string): string {
  const parts = till.sign().jws.split('.');
  parts[part] = change(parts[part] ?? '');
  return parts.join('.');
}

describe('what is no signed invoice', () => {
  it.each<[string, () => string, ProblemCode]>([
    ['is no JWS', () => 'hello', 'jws_malformed'],
    ['has two parts', () => till.sign().jws.split('.').slice(0, 2).join('.'), 'jws_malformed'],
    ['has four parts', () => `${till.sign().jws}.x`, 'jws_malformed'],
    ['is JSON instead', () => nextText(till), 'jws_malformed'],
    ['is padded base64url', () => spoil(2, (text) => `${text}==`), 'jws_malformed'],
    ['is base64, not base64url', () => spoil(2, () => '+/'.repeat(43)), 'jws_malformed'],
    ['has bits left over', () => spoil(2, (text) => `${text.slice(0, -1)}B`), 'jws_malformed'],
    ['has a blank in it', () => spoil(1, (text) => ` ${text}`), 'jws_malformed'],
    ['has a line break at its end', () => `${till.sign().jws}\n`, 'jws_malformed'],
    ['has a NUL in it', () => spoil(1, (text) => `${text}\u0000`), 'jws_malformed'],
    ['has a header of 20 KB', () => spoil(0, () => encoded({ alg: 'x'.repeat(20_000) })), 'jws_malformed'],
    ['has a header that is no object', () => spoil(0, () => encoded('["ES256"]')), 'jws_malformed'],
    [
      'names alg twice',
      () => spoil(0, (text) => encoded(Buffer.from(text, 'base64url').toString().replace('{', '{"alg":"none",'))),
      'jws_malformed',
    ],
    ['is larger than allowed', () => 'x'.repeat(LIMITS.invoiceBytesMax + 1), 'invoice_too_large'],
  ])('because it %s', async (_what, make, code) => {
    expect(await send(make())).toEqual(refused(code));
  });
});

describe('a header that was not agreed', () => {
  const good = (): object => ({ alg: 'ES256', ...usualHeader(till) });

  it.each<[string, () => object]>([
    ['alg none', () => ({ ...good(), alg: 'none' })],
    ['alg HS256', () => ({ ...good(), alg: 'HS256' })],
    ['alg ES384', () => ({ ...good(), alg: 'ES384' })],
    ['alg RS256', () => ({ ...good(), alg: 'RS256' })],
    ['alg es256', () => ({ ...good(), alg: 'es256' })],
    ['another type', () => ({ ...good(), typ: 'receipt+jws' })],
    ['no thumbprint', () => ({ alg: 'ES256', typ: 'invoice+jws' })],
    ['its own key', () => ({ ...good(), jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } })],
    ['its own certificate', () => ({ ...good(), x5c: ['MII'] })],
    ['the address of a key', () => ({ ...good(), jku: 'https://192.0.2.7/keys' })],
    ['crit', () => ({ ...good(), crit: ['exp'] })],
    ['b64', () => ({ ...good(), b64: false })],
  ])('(%s)', async (_what, header) => {
    expect(await send(spoil(0, () => encoded(header())))).toEqual(refused('jws_header_not_allowed'));
  });

  it('is what is wrong with an unsecured JWS, though its signature is empty', async () => {
    const [, payload = ''] = till.sign().jws.split('.');
    const unsecured = `${encoded({ ...good(), alg: 'none' })}.${payload}.`;
    expect(await send(unsecured)).toEqual(refused('jws_header_not_allowed'));
  });
});

describe('a signature that does not fit', () => {
  it.each<[string, () => string]>([
    ['another payload', () => spoil(1, () => encoded(nextText(till, { total: 1 })))],
    ['a bit less', () => spoil(2, (text) => tampered(text, 0))],
    ['nothing', () => spoil(2, () => '')],
    ['zeros', () => spoil(2, () => 'A'.repeat(86))],
    ['DER instead of r and s', () => spoil(2, () => Buffer.alloc(70, 0x30).toString('base64url'))],
    [
      'the same header in other words',
      () => spoil(0, (text) => encoded(Buffer.from(text, 'base64url').toString().replace(',', ' , '))),
    ],
  ])('(it signs %s)', async (_what, make) => {
    expect(await send(make())).toEqual(refused('signature_invalid'));
  });

  it('is not looked at when the certificate is not this terminal’s', async () => {
    const other = await ground.newTill();
    expect(await send(other.sign(till.names()).jws)).toEqual(refused('wrong_terminal'));
    const header = { ...usualHeader(till), 'x5t#S256': 'A'.repeat(43) };
    expect(await send(signBytes(till, nextText(till), header))).toMatchObject({
      status: 409,
      problem: { code: 'signer_unknown', retry: 'later' },
      stored: NOTHING_STORED,
      onFile: null,
      next: 'issued',
    });
  });
});

describe('a payload that was signed and cannot be taken', () => {
  const replaced = (from: string | RegExp, to: string) => (): string => {
    const text = nextText(till);
    const spoiled = text.replace(from, to);
    expect(spoiled).not.toBe(text);
    return spoiled;
  };
  const deep = (): string => `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;

  it.each<[string, () => string | Buffer, ProblemCode, string?]>([
    ['is no JSON', () => '{"id":', 'payload_not_json'],
    ['is empty', () => '', 'payload_not_json'],
    ['has a byte order mark', () => `\u{FEFF}${nextText(till)}`, 'payload_not_json'],
    ['is no UTF-8', () => Buffer.from(nextText(till).replace('Anna', 'Änna'), 'latin1'), 'payload_not_json'],
    ['is nested 100,000 times', deep, 'payload_not_json'],
    ['is UTF-16', () => Buffer.from(nextText(till), 'utf16le'), 'payload_not_json'],
    ['says NaN', replaced(/"total":\d+/, '"total":NaN'), 'payload_not_json'],
    ['says Infinity', replaced(/"total":\d+/, '"total":Infinity'), 'payload_not_json'],
    ['names a member twice', replaced('"counter":', '"counter":1,"counter":'), 'payload_duplicate_key', '/counter'],
    [
      'names a member twice in disguise',
      replaced('"quantity":', String.raw`"qu\u0061ntity":"9","quantity":`),
      'payload_duplicate_key',
      '/lines/0/quantity',
    ],
    ['says 1955.0', replaced(/"total":(\d+)/, '"total":$1.0'), 'payload_number_not_integer', '/total'],
    ['says 1e3', replaced(/"total":\d+/, '"total":1e3'), 'payload_number_not_integer', '/total'],
    ['says -0', replaced(/"total":\d+/, '"total":-0'), 'payload_number_not_integer', '/total'],
    [
      'says 1.0000000000000000001',
      replaced(/"total":\d+/, '"total":1.0000000000000000001'),
      'payload_number_not_integer',
      '/total',
    ],
    ['says 2^53', replaced(/"total":\d+/, '"total":9007199254740992'), 'amount_unsafe', '/total'],
    ['says -2^53', replaced(/"total":\d+/, '"total":-9007199254740992'), 'amount_unsafe', '/total'],
    ['has a NUL in a text', replaced('Anna', String.raw`A\u0000a`), 'text_not_allowed', '/cashier'],
    ['has half a surrogate pair', replaced('Anna', String.raw`A\ud83d`), 'text_not_allowed', '/cashier'],
    ['has a line feed in a text', replaced('Anna', String.raw`A\na`), 'text_not_allowed', '/cashier'],
    ['has an escape character in a text', replaced('Anna', String.raw`\u001b[2J`), 'text_not_allowed', '/cashier'],
    ['has DEL in a text', replaced('Anna', 'A\u{7F}'), 'text_not_allowed', '/cashier'],
    ['has a C1 control in a text', replaced('Anna', 'A\u{9B}'), 'text_not_allowed', '/cashier'],
    ['has a __proto__', replaced('{', '{"__proto__":{"total":0},'), 'schema_violation', '/__proto__'],
    [
      'has a constructor in a line',
      replaced('"lines":[{', '"lines":[{"constructor":1,'),
      'schema_violation',
      '/lines/0/constructor',
    ],
    ['has a field that nobody knows', replaced('{', '{"colour":"red",'), 'schema_violation', '/colour'],
    ['lacks a field', replaced('"currency":"GBP",', ''), 'schema_violation', '/currency'],
    ['writes a number as text', replaced(/"total":(\d+)/, '"total":"$1"'), 'schema_violation', '/total'],
    [
      'has its id in capitals',
      replaced(/"id":"[^"]+"/, `"id":"${'A'.repeat(8)}-AAAA-7AAA-8AAA-AAAAAAAAAAAA"`),
      'schema_violation',
      '/id',
    ],
    [
      'has an exponent in a quantity',
      replaced('"quantity":"1"', '"quantity":"1e3"'),
      'schema_violation',
      '/lines/0/quantity',
    ],
    [
      'is of 30 February',
      replaced(/"businessDay":"[^"]+"/, '"businessDay":"2026-02-30"'),
      'schema_violation',
      '/businessDay',
    ],
    [
      'has a second 60',
      replaced(/"issuedAt":"[^"]+"/, '"issuedAt":"2026-11-22T23:59:60Z"'),
      'schema_violation',
      '/issuedAt',
    ],
    ['has a text too long', replaced('Anna', 'A'.repeat(65)), 'schema_violation', '/cashier'],
    ['has 10,001 lines', () => tooManyLines(), 'too_many_lines', '/lines'],
  ])('because it %s', async (_what, payload, code, pointer) => {
    expect(await send(signBytes(till, payload()))).toEqual(refused(code, pointer));
  });

  function tooManyLines(): string {
    const { lines, taxes, total, payments, ...names } = till.sign().invoice;
    expect([lines.length, taxes.length, total, payments.length]).not.toContain(0);
    return JSON.stringify(makeInvoiceOfLines(LIMITS.invoiceLinesMax + 1, names));
  }

  it('keeps its counter, so that there is no gap', async () => {
    const { invoice } = till.sign();
    const spoiled = signBytes(till, JSON.stringify({ ...invoice, colour: 'red' }));
    expect((await counter.issue(spoiled)).json()).toMatchObject({ code: 'schema_violation' });
    expect(await refusalOf(ground, till, spoiled)).toMatchObject({
      invoice_id: invoice.id,
      journal_id: till.journalId,
      counter: String(invoice.counter),
    });
    const next = await counter.issue(till.sign().jws);
    expect(next.json()).toMatchObject({ result: 'issued', lastCounter: invoice.counter + 1, warnings: [] });
  });

  it('quotes nothing of it but names and places', async () => {
    const secret = 'the-secret-of-the-buyer';
    const text = nextText(till, { buyer: { name: secret } }).replace('"currency":"GBP"', `"currency":"${secret}"`);
    const answer = await counter.issue(signBytes(till, text));
    expect(answer.json()).toMatchObject({ code: 'schema_violation', errors: [{ pointer: '/currency' }] });
    expect(answer.text).not.toContain(secret);
    const { rows } = await ground.ground.superuser.query<{ detail: string }>(
      'SELECT detail FROM refused_invoice WHERE terminal_id = $1',
      [till.terminalId],
    );
    expect(rows.filter(({ detail }) => detail.includes(secret))).toEqual([]);
  });
});

it('no bug was met on the way', () => {
  expect(ground.server.logLines.filter(({ level }) => level === 'error')).toEqual([]);
});
