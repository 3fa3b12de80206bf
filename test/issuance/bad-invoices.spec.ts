import { sign } from 'node:crypto';
import { type IssueAnswer, LIMITS, type Problem, type ProblemCode, signCompactJws } from '@tax-control/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { type Answer, call, keepAliveAgent } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';
import { publishParameters, Till } from './office.js';

let ground: TestGround;
let server: TestServer;
let till: Till;
let stranger: Till;
let agent: ReturnType<typeof keepAliveAgent>;

beforeAll(async () => {
  ground = await makeGround();
  await publishParameters(ground);
  server = await startTestServer({ ground });
  till = new Till(await makeTerminal(server), new TerminalDirectory(server.superuser));
  stranger = new Till(await makeTerminal(server), new TerminalDirectory(server.superuser));
  agent = keepAliveAgent(server, till.terminal);
});

afterAll(async () => {
  agent.destroy();
  await server.stop();
  await ground.clear();
});

/** All over one connection: a refused invoice must not end it. */
function issue(invoice: string): Promise<Answer<IssueAnswer & Problem>> {
  return call(server, '/v1/invoices', { terminal: till.terminal, body: { invoice }, tls: { agent } });
}

/** The payload of a good invoice, changed as text, and signed as any till would sign it. */
function changed(from: string | RegExp, to: string): string {
  const text = Buffer.from(till.sign().jws.split('.')[1]!, 'base64url').toString('utf8');
  const other = text.replace(from, to);
  if (other === text) throw new Error('the change changes nothing');
  return signed(other);
}

function signed(payload: string | Buffer, header: Record<string, unknown> = {}): string {
  const usual = { typ: 'invoice+jws', 'x5t#S256': till.terminal.thumbprint };
  return signCompactJws({ ...usual, ...header }, payload, till.terminal.key);
}

/** Signed with a header written as it stands here. */
function withHeader(header: string): string {
  const [, payload] = till.sign().jws.split('.');
  const input = `${Buffer.from(header).toString('base64url')}.${payload}`;
  const signature = sign('sha256', Buffer.from(input), { key: till.terminal.key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

const CASES: [string, ProblemCode, () => string][] = [
  ['no JWS', 'jws_malformed', () => 'not a JWS'],
  ['two parts', 'jws_malformed', () => till.sign().jws.split('.').slice(0, 2).join('.')],
  ['padding', 'jws_malformed', () => `${till.sign().jws}=`],
  ['the other base64 alphabet', 'jws_malformed', () => till.sign().jws.replace(/.$/, '+')],
  ['alg none', 'jws_header_not_allowed', () => withHeader('{"alg":"none","typ":"invoice+jws","x5t#S256":"x"}')],
  ['another algorithm', 'jws_header_not_allowed', () => signed('{}', { alg: 'RS256' })],
  ['a further header member', 'jws_header_not_allowed', () => signed('{}', { jku: 'https://evil.example' })],
  ['a header member twice', 'jws_malformed', () => withHeader('{"alg":"ES256","alg":"ES256","typ":"invoice+jws"}')],
  ['another till’s certificate', 'signer_unknown', () => stranger.sign().jws],
  [
    'a wrong signature',
    'signature_invalid',
    () => [...till.sign().jws.split('.').slice(0, 2), 'A'.repeat(86)].join('.'),
  ],
  ['no JSON', 'payload_not_json', () => signed('{')],
  ['bytes that are no UTF-8', 'payload_not_json', () => signed(Buffer.of(0x7b, 0xff, 0x7d))],
  ['NaN', 'payload_not_json', () => changed(/"total":-?\d+/, '"total":NaN')],
  ['a member twice', 'payload_duplicate_key', () => changed('"total":', '"total":1,"total":')],
  ['a float', 'payload_number_not_integer', () => changed(/"total":(\d+)/, '"total":$1.5')],
  ['a float written as an integer', 'payload_number_not_integer', () => changed(/"total":(\d+)/, '"total":$1.0')],
  ['an exponent', 'payload_number_not_integer', () => changed(/"total":(\d+)/, '"total":1e3')],
  ['2^53', 'amount_unsafe', () => changed(/"total":\d+/, '"total":9007199254740992')],
  ['NUL in a text', 'text_not_allowed', () => changed('Anna', 'An\\u0000na')],
  ['half a surrogate pair', 'text_not_allowed', () => changed('Anna', '\\ud800')],
  ['a control character', 'text_not_allowed', () => changed('Anna', 'An\u0085na')],
  ['a __proto__ member', 'schema_violation', () => changed('{', '{"__proto__":{"total":1},')],
  ['an unknown member', 'schema_violation', () => changed('{', '{"isAdministrator":true,')],
  [
    'a day that does not exist',
    'schema_violation',
    () => changed(/"businessDay":"[^"]*"/, '"businessDay":"2026-02-30"'),
  ],
  ['a refund of nothing', 'reference_missing', () => till.sign({ kind: 'refund' }).jws],
  ['wrong payments', 'payment_arithmetic', () => till.sign({ payments: [{ method: 'cash', amount: 1 }] }).jws],
  ['more bytes than an invoice may have', 'invoice_too_large', () => 'x'.repeat(LIMITS.invoiceBytesMax + 1)],
];

describe('a bad invoice', () => {
  it.each(CASES)('%s: %s, kept with its bytes, and the connection goes on', async (_name, code, make) => {
    const text = make();
    const answer = await issue(text);
    expect(answer.json()).toMatchObject({ code, retry: 'never', requestId: expect.any(String) as string });
    expect(answer.headers.connection).not.toBe('close');
    const { rows } = await server.superuser.query(
      'SELECT cause, body FROM refused_invoice ORDER BY refused_id DESC LIMIT 1',
    );
    expect(rows).toEqual([{ cause: code, body: Buffer.from(text) }]);
  });

  it('leaves nothing in ledger or content, and the next good one is issued over the same connection', async () => {
    const { rows } = await server.superuser.query('SELECT FROM ledger FULL JOIN content USING (sequence)');
    expect(rows).toHaveLength(0);
    expect((await issue(till.sign().jws)).json()).toMatchObject({ result: 'issued' });
  });
});
