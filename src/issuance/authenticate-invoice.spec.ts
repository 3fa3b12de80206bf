import { signCompactJws, signInvoice } from '@tax-control/protocol';
import { makeInvoice, makeSigner, type TestSigner } from '@tax-control/protocol/testing';
import { describe, expect, it } from 'vitest';
import { type CertificateRecord } from '../registry/terminal-directory.js';
import { jwsOf } from './authentic-invoice.js';
import { authenticateInvoice, type SendingTerminal } from './authenticate-invoice.js';
import { READ_IN_PLACE } from './reading/read-invoices.js';

const REST = {
  notBefore: new Date(0),
  notAfter: new Date(1),
  revokedAt: null,
  isShownAgain: false,
  names: { taxpayerId: null, premisesId: null },
};
const ARRIVAL = { door: 'issue', at: 0, attemptId: null } as const;

const old = makeSigner();
const renewed = makeSigner();
const stranger = makeSigner();
const invoice = makeInvoice();
const ancient = makeSigner();
const terminal: SendingTerminal = {
  ...invoice,
  certificates: new Map([old, renewed].map(recordOf)),
  olderCertificate: (thumbprint) => Promise.resolve(thumbprint === ancient.thumbprint ? recordOf(ancient)[1] : null),
};

function recordOf({ thumbprint, publicKey }: TestSigner): [string, CertificateRecord] {
  return [thumbprint, { ...REST, publicKey }];
}

function sign({ privateKey, thumbprint }: TestSigner): string {
  return signInvoice(invoice, privateKey, thumbprint).jws;
}

const judge = (text: string) => authenticateInvoice(READ_IN_PLACE, text, terminal, ARRIVAL);

describe('an invoice is taken as it was sent', () => {
  it.each([
    ['by the newest certificate', renewed],
    ['by an older one', old],
    ['by one so old that it is not remembered', ancient],
  ])('when it is signed %s', async (_which, signer) => {
    const text = sign(signer);
    const read = await judge(text);
    if (!read.ok) throw new Error(read.problem.code);
    expect(read.authentic).toMatchObject({ header: null, signer: { thumbprint: signer.thumbprint } });
    expect(JSON.parse(read.authentic.payload.toString())).toEqual(invoice);
    expect(jwsOf(read.authentic)).toBe(text);
  });

  it('when its header says the same in another order, which is kept', async () => {
    const { privateKey, thumbprint } = renewed;
    const header = { alg: 'ES256', 'x5t#S256': thumbprint, typ: 'invoice+jws' };
    const text = signCompactJws(header, JSON.stringify(invoice), privateKey);
    const read = await judge(text);
    if (!read.ok) throw new Error(read.problem.code);
    expect(read.authentic.header).toBe(JSON.stringify(header));
    expect(jwsOf(read.authentic)).toBe(text);
  });
});

it('looks at no key but that of the certificate that is named, however many a terminal has', async () => {
  let keys = 0;
  const counted = ({ thumbprint, publicKey }: TestSigner, name = thumbprint): [string, CertificateRecord] => [
    name,
    {
      get publicKey() {
        keys += 1;
        return publicKey;
      },
      ...REST,
    },
  ];
  const many = Array.from({ length: 1_000 }, (_, index) => counted(old, `certificate-${index}`));
  const crowded = { ...terminal, certificates: new Map([...many, counted(renewed)]) };
  for (const text of ['x.y.z', sign(stranger), `${sign(stranger).slice(0, -4)}AAAA`])
    expect((await authenticateInvoice(READ_IN_PLACE, text, crowded, ARRIVAL)).ok).toBe(false);
  expect(keys).toBe(0);
  expect((await authenticateInvoice(READ_IN_PLACE, sign(renewed), crowded, ARRIVAL)).ok).toBe(true);
  expect(keys).toBe(1);
});

describe('what may be right once the registry is', () => {
  it('is deferred: a certificate that is not on file', async () => {
    expect(await judge(sign(stranger))).toMatchObject({
      ok: false,
      problem: { code: 'signer_unknown', retry: 'later' },
    });
  });

  it('is not: one of another terminal', async () => {
    const others: SendingTerminal = { ...terminal, olderCertificate: () => Promise.resolve('of_other_terminal') };
    const read = await authenticateInvoice(READ_IN_PLACE, sign(stranger), others, ARRIVAL);
    expect(read).toMatchObject({ ok: false, problem: { code: 'wrong_terminal', retry: 'never' } });
  });

  it.each([
    [
      'is deferred: a terminal on file elsewhere than its certificate says',
      invoice.premisesId,
      'terminal_filed_differently',
    ],
    ['is not: premises that neither registry nor certificate names', 'elsewhere', 'wrong_premises'],
  ])('%s', async (_what, premisesId, code) => {
    const names = { taxpayerId: invoice.taxpayerId, premisesId };
    const certificates = new Map([[renewed.thumbprint, { ...recordOf(renewed)[1], names }]]);
    const moved: SendingTerminal = { ...terminal, premisesId: 'elsewhere', certificates };
    const read = await authenticateInvoice(READ_IN_PLACE, sign(renewed), moved, ARRIVAL);
    expect(read).toMatchObject({ ok: false, problem: { code } });
  });
});

describe('of an invoice that is wrong in two ways, the first in the order of precedence is told', () => {
  const [header = '', payload = '', signature = ''] = sign(renewed).split('.');

  it.each([
    ['jws_malformed', `${header}.${payload}`],
    ['jws_malformed', `${header}.${payload}=.${'A'.repeat(86)}`],
    ['jws_malformed', `${header}.${payload}.${signature}.`],
    ['jws_malformed', sign(stranger).replace(/.$/, '=')],
    ['jws_malformed', `${header}A.${payload}.${signature}`],
    ['signer_unknown', sign(stranger).replace(/.{4}$/, 'AAAA')],
    ['signature_invalid', `${header}.${payload.slice(0, -4)}.${signature}`],
  ])('%s', async (code, text) => {
    expect(await judge(text)).toMatchObject({
      ok: false,
      problem: { code },
      claims: { invoiceId: null, journalId: null, counter: null },
    });
  });
});
