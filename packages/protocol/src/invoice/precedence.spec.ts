import { describe, expect, it } from 'vitest';
import { type ProblemCode, PROBLEMS } from '../catalogue/problems.js';
import { signCompactJws } from '../jws/compact-jws.js';
import { LIMITS } from '../limits.js';
import { makeInvoice, makeLine, makeSigner } from '../testing/index.js';
import type { Invoice } from './invoice-schema.js';
import { readSignedInvoice } from './read-signed-invoice.js';

const own = makeSigner();
const strange = makeSigner();
const signer = {
  terminalId: 'terminal-1',
  taxpayerId: 'taxpayer-1',
  premisesId: 'premises-1',
  keyOf: (thumbprint: string) => (thumbprint === own.thumbprint ? own.publicKey : null),
};

/** A signed invoice in the making: each fault below spoils one part of it and leaves the others as they are. */
interface Making {
  invoice: Record<string, unknown>;
  spellings: ((text: string) => string)[];
  header: Record<string, unknown>;
  spoilSignature: boolean;
  jwsSpelling: ((jws: string) => string)[];
}

const amountOf = (making: Making) => (making.invoice as unknown as Invoice).lines[0]!;
const spelled = (from: RegExp, to: string) => (making: Making) => {
  making.spellings.push((text) => text.replace(from, to));
};

/** One way to make each fault that an invoice can have by itself. */
const FAULTS: Partial<Record<ProblemCode, (making: Making) => void>> = {
  invoice_too_large: (making) => making.jwsSpelling.push((jws) => jws + 'A'.repeat(LIMITS.invoiceBytesMax)),
  jws_malformed: (making) => making.jwsSpelling.push((jws) => `${jws}=`),
  jws_header_not_allowed: (making) => (making.header['kid'] = 'x'),
  signer_unknown: (making) => (making.header['x5t#S256'] = strange.thumbprint),
  signature_invalid: (making) => (making.spoilSignature = true),
  payload_not_json: (making) => making.spellings.push((text) => text.slice(0, -1)),
  payload_duplicate_key: spelled(/"counter":1/, '"counter":1,"counter":1'),
  payload_number_not_integer: spelled(/"schemaVersion":1/, '"schemaVersion":1.0'),
  amount_unsafe: spelled(/"clockOffsetMs":12/, '"clockOffsetMs":9007199254740992'),
  text_not_allowed: (making) => (making.invoice['cashier'] = 'A\u{0}'),
  too_many_lines: (making) =>
    (making.invoice['lines'] = Array.from({ length: LIMITS.invoiceLinesMax + 1 }, () => makeLine())),
  schema_violation: (making) => (making.invoice['extra'] = 1),
  wrong_terminal: (making) => (making.invoice['terminalId'] = 'terminal-2'),
  wrong_taxpayer: (making) => (making.invoice['taxpayerId'] = 'taxpayer-2'),
  wrong_premises: (making) => (making.invoice['premisesId'] = 'premises-2'),
  reference_missing: (making) => (making.invoice['kind'] = 'refund'),
  line_arithmetic: (making) => (amountOf(making).unitPrice = '7777'),
  tax_arithmetic: (making) =>
    (making.invoice as unknown as Invoice).taxes.push({ category: 'odd', rate: '0', base: 0, amount: 0 }),
  total_arithmetic: (making) => (making.invoice['total'] = 999),
  payment_arithmetic: (making) => (making.invoice['payments'] = [{ method: 'card', amount: 1 }]),
};

const codes = Object.keys(FAULTS) as ProblemCode[];
/** In both of a pair the second can't arise where the first is: what can't be taken apart has no header to judge, and so on. */
const judged = (faults: readonly ProblemCode[]): string => {
  const making: Making = {
    invoice: structuredClone(makeInvoice()),
    spellings: [],
    header: { typ: 'invoice+jws', 'x5t#S256': own.thumbprint },
    spoilSignature: false,
    jwsSpelling: [],
  };
  for (const fault of faults) FAULTS[fault]?.(making);
  const text = making.spellings.reduce((spelling, spell) => spell(spelling), JSON.stringify(making.invoice));
  const key = making.spoilSignature ? strange.privateKey : own.privateKey;
  const jws = making.jwsSpelling.reduce((spelling, spell) => spell(spelling), signCompactJws(making.header, text, key));
  const reading = readSignedInvoice(jws, signer);
  return reading.ok ? 'ok' : reading.problem.code;
};

describe('precedence of an invoice’s problems', () => {
  it('takes the invoice that has none', () => {
    expect(judged([])).toBe('ok');
  });

  it('has a fault here for each problem of the invoice itself, in the catalogue’s order', () => {
    const ofInvoice = Object.entries(PROBLEMS).filter(([, { number }]) => number >= 50 && number < 78);
    expect(codes).toEqual(ofInvoice.map(([code]) => code));
  });

  it.each(codes)('finds %s by itself', (code) => {
    expect(judged([code])).toBe(code);
  });

  it.each(codes.slice(1).map((code, index) => [codes[index]!, code] as const))(
    'tells %s before %s',
    (first, second) => {
      expect(judged([first, second])).toBe(first);
      expect(judged([second, first])).toBe(first);
    },
  );

  it('tells the first of any two', () => {
    for (const [index, first] of codes.entries())
      for (const second of codes.slice(index + 1))
        expect([first, second, judged([first, second])]).toEqual([first, second, first]);
  });

  it('says of a refusal after the signature that it is authentic, with digest and claims', () => {
    const invoice = makeInvoice({ counter: 5, total: 1 });
    const jws = signCompactJws(
      { typ: 'invoice+jws', 'x5t#S256': own.thumbprint },
      JSON.stringify(invoice),
      own.privateKey,
    );
    expect(readSignedInvoice(jws, signer)).toMatchObject({
      ok: false,
      authentic: true,
      digest: expect.stringMatching(/^.{43}$/) as string,
      claims: { invoiceId: invoice.id, journalId: invoice.journalId, counter: 5 },
    });
    expect(readSignedInvoice('x', signer)).toMatchObject({ ok: false, authentic: false, digest: null });
  });
});
