import type { KeyObject } from 'node:crypto';
import { type Problem, type ProblemCode, problem } from '../catalogue/problems.js';
import { type CompactJws, verifyCompactJws } from '../jws/compact-jws.js';
import { checkInvoice } from './check-invoice.js';
import type { Invoice } from './invoice-schema.js';
import { type InvoiceClaims, readInvoiceJws, readInvoicePayload } from './read-invoice.js';

/** Whose invoice it must be, and the public keys of its certificates by thumbprint (`x5t#S256`). */
export interface InvoiceSigner {
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly keyOf: (thumbprint: string) => KeyObject | null;
}

/**
 * `authentic`: the terminal's signature fits, so what was refused is really its own and `claims` are what it signed.
 * `digest` is null where the payload could not be got at.
 */
export type SignedInvoiceReading =
  | {
      readonly ok: true;
      readonly invoice: Invoice;
      readonly digest: string;
      readonly jws: CompactJws;
      readonly signerThumbprint: string;
    }
  | {
      readonly ok: false;
      readonly problem: Problem;
      readonly authentic: boolean;
      readonly digest: string | null;
      readonly claims: InvoiceClaims;
    };

const NO_CLAIMS: InvoiceClaims = { invoiceId: null, journalId: null, counter: null };

/**
 * The whole way from text to a checked invoice, in the catalogue's order of precedence (problems 50 to 77): form, header,
 * key, signature, payload, names, arithmetic. Pure but for `keyOf`.
 */
export function readSignedInvoice(text: string, signer: InvoiceSigner): SignedInvoiceReading {
  const opened = readInvoiceJws(text);
  if (!opened.ok) return strange(opened.problem);
  const { jws, signerThumbprint } = opened;
  const key = signer.keyOf(signerThumbprint);
  if (key === null) return strange(problem('signer_unknown'));
  if (!verifyCompactJws(jws, key)) return strange(problem('signature_invalid'));
  const read = readInvoicePayload(jws.payload);
  if (!read.ok) return { ...read, authentic: true };
  const { invoice, digest } = read;
  const refused = judgeNames(invoice, signer) ?? checkInvoice(invoice);
  if (refused === null) return { ok: true, invoice, digest, jws, signerThumbprint };
  const { id, journalId, counter } = invoice;
  return { ok: false, problem: refused, authentic: true, digest, claims: { invoiceId: id, journalId, counter } };
}

/** Whether the invoice names the terminal that signed it, and that terminal's taxpayer and premises (problems 70 to 72). */
export function judgeNames(
  invoice: Invoice,
  signer: Pick<InvoiceSigner, 'terminalId' | 'taxpayerId' | 'premisesId'>,
): Problem | null {
  const fault = (code: ProblemCode, member: string): Problem =>
    problem(code, {
      errors: [{ pointer: `/${member}`, detail: 'Is not the one that the terminal is registered with.' }],
    });
  if (invoice.terminalId !== signer.terminalId) return fault('wrong_terminal', 'terminalId');
  if (invoice.taxpayerId !== signer.taxpayerId) return fault('wrong_taxpayer', 'taxpayerId');
  if (invoice.premisesId !== signer.premisesId) return fault('wrong_premises', 'premisesId');
  return null;
}

function strange(refused: Problem): SignedInvoiceReading {
  return { ok: false, problem: refused, authentic: false, digest: null, claims: NO_CLAIMS };
}
