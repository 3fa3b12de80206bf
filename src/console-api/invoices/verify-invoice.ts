import type { X509Certificate } from 'node:crypto';
import {
  digestOf,
  parseCode,
  parseCompactJws,
  type PublicKey,
  readReceipt,
  receiptDifferences,
  type Receipt,
  verifyCompactJws,
  readStoredInvoice,
} from '@tax-control/protocol';
import type { InvoiceCheck, InvoiceCheckName } from '@tax-control/protocol/console';
import type { Neighbours } from '../../ledger/neighbours.js';
import { codeMacFits } from './code-mac.js';

/** All that is on file of one invoice, as far as it is verified by it. */
export interface InvoiceOnFile {
  readonly terminalId: string;
  readonly counter: number;
  /** Base64url SHA-256, as the ledger has it. */
  readonly digest: string;
  readonly receipt: Receipt;
  readonly signedReceipt: string;
  /** Null where the content is no longer kept. */
  readonly signed: string | null;
  readonly payload: Buffer | null;
  /** When retention removed the content; null where it is here, or is missing for another reason. */
  readonly removedAt: Date | null;
  /** The certificate that signed, and the terminal to which it was issued; null where it is not on file. */
  readonly signer: {
    readonly certificate: X509Certificate;
    readonly terminalId: string;
    readonly revokedAt: Date | null;
  } | null;
  readonly neighbours: Neighbours;
}

/** What this server believes. */
export interface Trust {
  readonly authorities: readonly X509Certificate[];
  readonly receiptKeys: readonly PublicKey[];
  readonly macKey: Buffer;
}

/** Verifies one invoice, each check on its own, in the order of `INVOICE_CHECKS`: what fails says so, whatever else holds. */
export function verifyInvoice(file: InvoiceOnFile, trust: Trust): InvoiceCheck[] {
  return [
    signature(file),
    signerOfTerminal(file),
    certificateChain(file, trust.authorities),
    contentDigest(file),
    ledgerAgrees(file),
    receiptSignature(file, trust.receiptKeys),
    judged(
      'code_mac',
      codeMacFits(file.receipt, trust.macKey),
      'The code’s MAC is that of the printed fields.',
      'The code’s MAC is not that of the printed fields.',
    ),
    judged(
      'code_check_digits',
      parseCode(file.receipt.code) !== null,
      'The check digits fit.',
      'The check digits do not fit.',
    ),
    previousDigest(file),
    nextDigest(file),
  ];
}

function signature(file: InvoiceOnFile): InvoiceCheck {
  const { signed, signer } = file;
  if (signed === null) return gone('signature', file);
  if (signer === null) return unknown('signature', 'The certificate that signed is not on file.');
  const jws = parseCompactJws(signed);
  const fits = jws !== null && verifyCompactJws(jws, signer.certificate.publicKey);
  return judged(
    'signature',
    fits,
    'The signature fits the signed bytes (ES256).',
    'The signature does not fit the signed bytes.',
  );
}

function signerOfTerminal(file: InvoiceOnFile): InvoiceCheck {
  const { signed, signer, terminalId } = file;
  if (signed === null) return gone('signer_of_terminal', file);
  return judged(
    'signer_of_terminal',
    signer?.terminalId === terminalId,
    'The certificate that signed was issued to this terminal.',
    'The certificate that signed was not issued to this terminal.',
  );
}

function certificateChain(file: InvoiceOnFile, authorities: readonly X509Certificate[]): InvoiceCheck {
  const { signed, signer, receipt } = file;
  if (signed === null) return gone('certificate_chain', file);
  if (signer === null) return unknown('certificate_chain', 'The certificate that signed is not on file.');
  const { certificate, revokedAt } = signer;
  const isIssued = authorities.some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
  if (!isIssued) return failing('certificate_chain', 'The certificate was not issued by this server’s authority.');
  const soldAt = Date.parse(receipt.issuedAt);
  if (soldAt < Date.parse(certificate.validFrom) || soldAt > Date.parse(certificate.validTo))
    return failing(
      'certificate_chain',
      `The sale lies outside of the certificate’s validity (${certificate.validFrom} to ${certificate.validTo}).`,
    );
  const revoked = revokedAt === null ? '' : ` It was revoked on ${revokedAt.toISOString()}.`;
  return {
    check: 'certificate_chain',
    result: 'holds',
    detail: `Issued by this server’s authority, valid at the time of sale.${revoked}`,
  };
}

function contentDigest(file: InvoiceOnFile): InvoiceCheck {
  const { payload, digest, removedAt } = file;
  if (payload === null && removedAt === null) return failing('content_digest', MISSING);
  if (payload === null) return gone('content_digest', file);
  return judged(
    'content_digest',
    digestOf(payload) === digest,
    `The payload’s SHA-256 is ${digest}.`,
    'The payload’s SHA-256 is not the one in the ledger.',
  );
}

function ledgerAgrees(file: InvoiceOnFile): InvoiceCheck {
  const { payload, receipt, digest } = file;
  if (payload === null) return gone('ledger_agrees', file);
  const differences = receiptDifferences(receipt, readStoredInvoice(payload), digest);
  return judged(
    'ledger_agrees',
    differences.length === 0,
    'Ledger and receipt say what the signed invoice says.',
    `Ledger and signed invoice differ in: ${differences.join(', ')}.`,
  );
}

function receiptSignature({ signedReceipt }: InvoiceOnFile, keys: readonly PublicKey[]): InvoiceCheck {
  const reading = readReceipt(signedReceipt, keys);
  if (reading.ok)
    return { check: 'receipt_signature', result: 'holds', detail: 'The receipt is signed by this server.' };
  return failing('receipt_signature', reading.detail);
}

function previousDigest(file: InvoiceOnFile): InvoiceCheck {
  const { payload, counter, neighbours } = file;
  if (payload === null) return gone('previous_digest', file);
  const { previousDigest: named } = readStoredInvoice(payload);
  if (counter === 1)
    return judged(
      'previous_digest',
      named === null,
      'It is the first of its journal and names no invoice before it.',
      'It is the first of its journal, but names an invoice before it.',
    );
  if (neighbours.before.length === 0) return unknown('previous_digest', 'The invoice before it is not on file.');
  return judged(
    'previous_digest',
    named !== null && neighbours.before.includes(named),
    'It names the digest of the invoice before it.',
    'It does not name the digest of the invoice before it: the chain is broken here.',
  );
}

function nextDigest({ digest, neighbours: { namedBehind } }: InvoiceOnFile): InvoiceCheck {
  if (namedBehind.length === 0) return unknown('next_digest', 'No invoice behind it is on file.');
  return judged(
    'next_digest',
    namedBehind.includes(digest),
    'The invoice behind it names its digest.',
    'The invoice behind it names another digest: the chain is broken here.',
  );
}

const MISSING = 'The signed bytes are not on file, and no retention removed them. Tell the operator.';

/** What rests on bytes that are not here. */
function gone(check: InvoiceCheckName, { removedAt }: InvoiceOnFile): InvoiceCheck {
  if (removedAt === null) return unknown(check, MISSING);
  return unknown(check, `The signed bytes were removed on ${removedAt.toISOString()}, after their retention.`);
}

function judged(check: InvoiceCheckName, holds: boolean, good: string, bad: string): InvoiceCheck {
  return { check, result: holds ? 'holds' : 'fails', detail: holds ? good : bad };
}

function failing(check: InvoiceCheckName, detail: string): InvoiceCheck {
  return { check, result: 'fails', detail };
}

function unknown(check: InvoiceCheckName, detail: string): InvoiceCheck {
  return { check, result: 'unknown', detail };
}
