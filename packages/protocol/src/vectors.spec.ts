import { createPrivateKey, createPublicKey, type JsonWebKey, sign, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as protocol from './index.js';
import { lineAmount, type LineFactors } from './invoice/line-arithmetic.js';
import { type PriceBasis, taxShares } from './invoice/tax-arithmetic.js';
import { makeInvoice } from './testing/index.js';
import { readVectors } from './testing/read-vectors.js';

interface Case {
  readonly name: string;
  readonly result: string;
}

/** A private key as JWK; Node's type knows the members too. */
type PrivateKey = JsonWebKey & protocol.PublicKey;

const privateKey = (jwk: PrivateKey) => createPrivateKey({ key: jwk, format: 'jwk' });

describe('base64url.json', () => {
  const { valid, invalid } = readVectors('base64url') as {
    valid: { text: string; hex: string }[];
    invalid: { text: string; why: string }[];
  };
  it.each(valid)('$text is $hex', ({ text, hex }) => {
    expect(protocol.decodeBase64Url(text)?.toString('hex')).toBe(hex);
  });
  it.each(invalid)('$text is none: $why', ({ text }) => {
    expect(protocol.decodeBase64Url(text)).toBeNull();
  });
});

describe('codes.json', () => {
  interface Code {
    readonly sequence: number;
    readonly mac: string;
    readonly checkDigits: string;
    readonly code: string;
    readonly printed: string;
    readonly environment: string;
  }
  const { valid, typed, invalid } = readVectors('codes') as {
    valid: Code[];
    typed: { typed: string; code: string }[];
    invalid: { typed: string; why: string }[];
  };
  it.each(valid)('$printed is sequence $sequence', ({ sequence, mac, checkDigits, code, printed, environment }) => {
    expect(protocol.checkDigits(String(sequence).padStart(12, '0') + mac)).toBe(checkDigits);
    expect(protocol.parseCode(printed)).toEqual({ code, sequence, environment });
    expect(protocol.formatCode(code)).toBe(printed);
    expect(BigInt(code) % 97n).toBe(1n);
  });
  it.each(typed)('“$typed” is read as $code', ({ typed, code }) => {
    expect(protocol.parseCode(typed)?.code).toBe(code);
  });
  it.each(invalid)('“$typed” is none: $why', ({ typed }) => {
    expect(protocol.parseCode(typed)).toBeNull();
  });
});

describe('times.json', () => {
  const { valid, invalid } = readVectors('times') as {
    valid: { issuedAt: string; utc: string }[];
    invalid: { issuedAt: string; why: string }[];
  };
  const read = (issuedAt: string) => protocol.readInvoicePayload(protocol.encodeInvoice(makeInvoice({ issuedAt })));
  it.each(valid)('$issuedAt is $utc', ({ issuedAt, utc }) => {
    expect(read(issuedAt)).toMatchObject({ ok: true });
    expect(protocol.utcSeconds(issuedAt)).toBe(utc);
  });
  it.each(invalid)('$issuedAt is none: $why', ({ issuedAt }) => {
    expect(read(issuedAt)).toMatchObject({
      ok: false,
      problem: { code: 'schema_violation', errors: [{ pointer: '/issuedAt' }] },
    });
  });
});

describe('rounding.json', () => {
  const { lines, taxes } = readVectors('rounding') as {
    lines: (LineFactors & { amount: number })[];
    taxes: { sum: number; rate: string; priceBasis: PriceBasis; amount: number }[];
  };
  it.each(lines)('$quantity × $unitPrice − $discount is $amount', ({ amount, ...line }) => {
    expect(lineAmount(line)).toBe(BigInt(amount));
  });
  it.each(taxes)('$rate % of $sum ($priceBasis) is $amount', ({ sum, rate, priceBasis, amount }) => {
    expect(taxShares(BigInt(sum), { rate }, [], priceBasis).amount).toBe(BigInt(amount));
  });
});

describe('invoices.json', () => {
  const { cases } = readVectors('invoices') as { cases: (Case & { invoice: unknown })[] };
  it.each(cases)('$name: $result', ({ invoice, result }) => {
    const reading = protocol.readInvoicePayload(Buffer.from(JSON.stringify(invoice)));
    const problem = reading.ok ? protocol.checkInvoice(reading.invoice) : reading.problem;
    expect(problem?.code ?? 'ok').toBe(result);
  });
});

describe('refunds.json', () => {
  type Part = protocol.PricedLines & Pick<protocol.Invoice, 'total'>;
  const { goods, signs } = readVectors('refunds') as {
    goods: (protocol.PricedLines & { name: string; result: protocol.Goods })[];
    signs: (Case & { kind: protocol.InvoiceKind; taker: Part; original: Part | null })[];
  };
  const withGoods = (part: Part) => ({ total: part.total, goods: protocol.goodsOf(part) });
  it.each(goods)('$name', ({ result, ...invoice }) => {
    expect(protocol.goodsOf(invoice)).toEqual(result);
  });
  it.each(signs)('$name: $result', ({ kind, taker, original, result }) => {
    const isWrong = protocol.hasWrongSign({ kind, ...withGoods(taker) }, original && withGoods(original));
    expect(isWrong ? 'refund_sign_wrong' : 'ok').toBe(result);
  });
});

describe('sale-days.json', () => {
  const { cases } = readVectors('sale-days') as {
    cases: (protocol.SaleTimes & { name: string; rateDay: string; isFar: boolean })[];
  };
  it.each(cases)('$name: $rateDay', ({ rateDay, isFar, ...times }) => {
    expect({ rateDay: protocol.rateDayOf(times), isFar: protocol.isBusinessDayFar(times) }).toEqual({ rateDay, isFar });
  });
});

describe('payloads.json', () => {
  const { cases } = readVectors('payloads') as { cases: (Case & { payload: string })[] };
  it.each(cases)('$name: $result', ({ payload, result }) => {
    const reading = protocol.readInvoicePayload(Buffer.from(payload, 'base64url'));
    expect(reading.ok ? 'ok' : reading.problem.code).toBe(result);
  });
});

describe('jws.json', () => {
  interface Terminal {
    readonly terminalId: string;
    readonly taxpayerId: string;
    readonly premisesId: string;
    readonly privateKey: PrivateKey;
    readonly certificate: string;
    readonly thumbprint: string;
    readonly publicKeyThumbprint: string;
  }
  const { rfc7515Example, terminal, cases } = readVectors('jws') as {
    rfc7515Example: { publicKey: protocol.PublicKey; jws: string };
    terminal: Terminal;
    cases: (Case & { jws: string })[];
  };
  const certificate = new X509Certificate(Buffer.from(terminal.certificate, 'base64'));

  it('verifies the example of the RFC', () => {
    const jws = protocol.parseCompactJws(rfc7515Example.jws)!;
    const key = createPublicKey({ key: { ...rfc7515Example.publicKey }, format: 'jwk' });
    expect(protocol.verifyCompactJws(jws, key)).toBe(true);
    jws.payload.writeUInt8(0, 0);
    expect(protocol.verifyCompactJws({ ...jws, signingInput: `${jws.signingInput}A` }, key)).toBe(false);
  });

  it('knows certificate and key by their thumbprints', () => {
    expect(protocol.certificateThumbprint(certificate)).toBe(terminal.thumbprint);
    expect(protocol.certificateThumbprint(certificate.raw)).toBe(terminal.thumbprint);
    expect(protocol.jwkThumbprint(terminal.privateKey)).toBe(terminal.publicKeyThumbprint);
    expect(protocol.publicKeyToJwk(certificate.publicKey)?.kid).toBe(terminal.publicKeyThumbprint);
    expect(protocol.publicKeyToJwk(privateKey(terminal.privateKey))?.kid).toBe(terminal.publicKeyThumbprint);
  });

  it.each(cases)('$name: $result', ({ jws, result }) => {
    const keyOf = (thumbprint: string) => (thumbprint === terminal.thumbprint ? certificate.publicKey : null);
    const reading = protocol.readSignedInvoice(jws, { ...terminal, keyOf });
    expect(reading.ok ? 'ok' : reading.problem.code).toBe(result);
  });

  it('fits what signInvoice makes', () => {
    const { jws, digest } = protocol.signInvoice(makeInvoice(), privateKey(terminal.privateKey), terminal.thumbprint);
    const reading = protocol.readSignedInvoice(jws, { ...terminal, keyOf: () => certificate.publicKey });
    expect(reading).toMatchObject({ ok: true, digest });
  });
});

describe('proofs.json', () => {
  const { terminal } = readVectors('jws') as { terminal: { certificate: string; thumbprint: string } };
  const { publicKey } = new X509Certificate(Buffer.from(terminal.certificate, 'base64'));
  const { cases } = readVectors('proofs') as {
    cases: { name: string; terminalId: string; invoiceId: string; proof: string; result: string; facts?: object }[];
  };

  it.each(cases)('$name: $result', ({ terminalId, invoiceId, proof, result, facts }) => {
    const read = protocol.readOfflineProof(terminalId, invoiceId, proof);
    const isSigned = read !== null && protocol.isOfflineProof(read, publicKey);
    expect(read === null ? 'unreadable' : isSigned ? 'signed' : 'forged').toBe(result);
    expect(isSigned ? statedBy(read) : undefined).toEqual(facts);
  });

  function statedBy({ facts: { soldAt, currency, total, type }, signer }: protocol.OfflineProof): object {
    if (!terminal.thumbprint.startsWith(signer)) throw new Error(`no certificate begins with ${signer}`);
    return { soldAt: protocol.utcSeconds(new Date(soldAt).toISOString()), currency, total, type };
  }
});

describe('chain.json', () => {
  it('links each invoice to the one before by its digest', () => {
    const { links } = readVectors('chain') as {
      links: { counter: number; previousDigest: string | null; jws: string; digest: string }[];
    };
    let previous: string | null = null;
    for (const { counter, previousDigest, jws, digest } of links) {
      const { payload } = protocol.parseCompactJws(jws)!;
      expect(previousDigest).toBe(previous);
      expect(protocol.digestOf(payload)).toBe(digest);
      expect(protocol.readInvoicePayload(payload)).toMatchObject({ ok: true, invoice: { counter, previousDigest } });
      previous = digest;
    }
    expect(links).toHaveLength(3);
  });
});

describe('receipts.json', () => {
  const { trustedKeys, invoice, cases } = readVectors('receipts') as {
    trustedKeys: protocol.PublicKey[];
    invoice: string;
    cases: (Case & { receipt: string })[];
  };
  const { payload } = protocol.parseCompactJws(invoice)!;
  const reading = protocol.readInvoicePayload(payload);

  it.each(cases)('$name: $result', ({ receipt, result }) => {
    if (!reading.ok) throw new Error('the invoice of the vectors must be readable');
    const read = protocol.readReceipt(receipt, trustedKeys);
    const fits = read.ok && protocol.receiptFits(read.receipt, reading.invoice, reading.digest);
    expect(read.ok ? (fits ? 'fits' : 'other_invoice') : 'not_believed').toBe(result);
  });
});

describe('documents.json', () => {
  interface Document {
    readonly name: string;
    readonly believed: boolean;
    readonly jws: string;
  }
  const { authority, authorityDigest, signingKeyUsage, signingPrivateKey, signingCertificate, parameters, echo } =
    readVectors('documents') as {
      authority: string;
      authorityDigest: string;
      signingKeyUsage: string;
      signingPrivateKey: PrivateKey;
      signingCertificate: string;
      parameters: Document[];
      echo: { nonce: string; cases: Document[] };
    };

  it('names authority and key usage', () => {
    expect(protocol.certificateThumbprint(new X509Certificate(authority))).toBe(authorityDigest);
    expect(protocol.SIGNING_KEY_USAGE_OID).toBe(signingKeyUsage);
  });
  it.each(parameters)('parameters $name: believed $believed', ({ jws, believed }) => {
    expect(protocol.readParameters(jws, authority).ok).toBe(believed);
    expect(protocol.readParameters(`\n${jws}\r\n`, new X509Certificate(authority)).ok).toBe(believed);
  });
  it('no echo of a time after the certificate’s end, and one of the last second before it', () => {
    const identity = { key: privateKey(signingPrivateKey), x5c: [signingCertificate] };
    const end = Date.parse(new X509Certificate(Buffer.from(signingCertificate, 'base64')).validTo);
    const echoAt = (timeMs: number) => {
      const time = new Date(timeMs).toISOString();
      return protocol.signEcho({ nonce: echo.nonce, time, terminalId: null, standing: 'active' }, identity);
    };
    expect(protocol.readEcho(echoAt(end), authority, echo.nonce).ok).toBe(true);
    expect(protocol.readEcho(echoAt(end + 1_000), authority, echo.nonce).ok).toBe(false);
  });
  it.each(echo.cases)('echo $name: believed $believed', ({ jws, believed }) => {
    expect(protocol.readEcho(jws, authority, echo.nonce).ok).toBe(believed);
  });
});

describe('invitations.json', () => {
  const { invitation, text, cases } = readVectors('invitations') as {
    invitation: protocol.Invitation;
    text: string;
    cases: (Case & { text: string })[];
  };

  it('writes the invitation as stated', () => {
    expect(protocol.encodeInvitation(invitation)).toBe(text);
  });
  it.each(cases)('$name: $result', ({ text, result }) => {
    const reading = protocol.decodeInvitation(text);
    expect(reading).toMatchObject(result === 'ok' ? { ok: true, invitation } : { ok: false, reason: result });
  });
});

describe('signatures of the vectors', () => {
  it('can be made anew from the private keys that come with them', () => {
    const { privateKey: jwk, trustedKeys } = readVectors('receipts') as {
      privateKey: PrivateKey;
      trustedKeys: protocol.PublicKey[];
    };
    const key = privateKey(jwk);
    expect(protocol.publicKeyToJwk(key)).toEqual(trustedKeys[0]);
    expect(sign('sha256', Buffer.from('x'), { key, dsaEncoding: 'ieee-p1363' })).toHaveLength(64);
  });
});
