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
import {
  CHECK_REASONS,
  type CheckReason,
  type InvoiceCheck,
  type InvoiceCheckName,
} from '@tax-control/protocol/console';
import type { Neighbours } from '../../ledger/neighbours.js';
import { codeMacFits } from '../../keys/code-mac.js';

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
    judged('code_mac', codeMacFits(file.receipt, trust.macKey), 'mac_fits', 'mac_does_not_fit'),
    judged('code_check_digits', parseCode(file.receipt.code) !== null, 'check_digits_fit', 'check_digits_do_not_fit'),
    previousDigest(file),
    nextDigest(file),
  ];
}

function signature(file: InvoiceOnFile): InvoiceCheck {
  const { signed, signer } = file;
  if (signed === null) return gone('signature', file);
  if (signer === null) return unknown('signature', 'signer_not_on_file');
  const jws = parseCompactJws(signed);
  const fits = jws !== null && verifyCompactJws(jws, signer.certificate.publicKey);
  return judged('signature', fits, 'signature_fits', 'signature_does_not_fit');
}

function signerOfTerminal(file: InvoiceOnFile): InvoiceCheck {
  const { signed, signer, terminalId } = file;
  if (signed === null) return gone('signer_of_terminal', file);
  return judged(
    'signer_of_terminal',
    signer?.terminalId === terminalId,
    'signer_of_terminal',
    'signer_of_other_terminal',
  );
}

function certificateChain(file: InvoiceOnFile, authorities: readonly X509Certificate[]): InvoiceCheck {
  const { signed, signer, receipt } = file;
  if (signed === null) return gone('certificate_chain', file);
  if (signer === null) return unknown('certificate_chain', 'signer_not_on_file');
  const { certificate, revokedAt } = signer;
  const isIssued = authorities.some(
    (authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey),
  );
  if (!isIssued) return failing('certificate_chain', 'issuer_foreign');
  const soldAt = Date.parse(receipt.issuedAt);
  if (soldAt < Date.parse(certificate.validFrom) || soldAt > Date.parse(certificate.validTo))
    return failing(
      'certificate_chain',
      'outside_validity',
      new Date(certificate.validFrom).toISOString(),
      new Date(certificate.validTo).toISOString(),
    );
  return revokedAt === null
    ? holding('certificate_chain', 'issued_and_valid')
    : holding('certificate_chain', 'issued_then_revoked', revokedAt.toISOString());
}

function contentDigest(file: InvoiceOnFile): InvoiceCheck {
  const { payload, digest, removedAt } = file;
  if (payload === null && removedAt === null) return failing('content_digest', 'bytes_missing');
  if (payload === null) return gone('content_digest', file);
  return digestOf(payload) === digest
    ? holding('content_digest', 'digest_is', digest)
    : failing('content_digest', 'digest_differs');
}

function ledgerAgrees(file: InvoiceOnFile): InvoiceCheck {
  const { payload, receipt, digest } = file;
  if (payload === null) return gone('ledger_agrees', file);
  const differences = receiptDifferences(receipt, readStoredInvoice(payload), digest);
  return differences.length === 0
    ? holding('ledger_agrees', 'ledger_agrees')
    : failing('ledger_agrees', 'ledger_differs', differences.join(', '));
}

function receiptSignature({ signedReceipt }: InvoiceOnFile, keys: readonly PublicKey[]): InvoiceCheck {
  const reading = readReceipt(signedReceipt, keys);
  return reading.ok ? holding('receipt_signature', 'receipt_signed') : failing('receipt_signature', reading.fault);
}

function previousDigest(file: InvoiceOnFile): InvoiceCheck {
  const { payload, counter, neighbours } = file;
  if (payload === null) return gone('previous_digest', file);
  const { previousDigest: named } = readStoredInvoice(payload);
  if (counter === 1) return judged('previous_digest', named === null, 'first_of_journal', 'first_names_another');
  if (neighbours.before.length === 0) return unknown('previous_digest', 'before_not_on_file');
  return judged(
    'previous_digest',
    named !== null && neighbours.before.includes(named),
    'names_the_one_before',
    'chain_broken_before',
  );
}

function nextDigest({ digest, neighbours: { namedBehind } }: InvoiceOnFile): InvoiceCheck {
  if (namedBehind.length === 0) return unknown('next_digest', 'behind_not_on_file');
  return judged('next_digest', namedBehind.includes(digest), 'named_by_the_next', 'chain_broken_behind');
}

/** What rests on bytes that are not here. */
function gone(check: InvoiceCheckName, { removedAt }: InvoiceOnFile): InvoiceCheck {
  return removedAt === null
    ? unknown(check, 'bytes_missing')
    : unknown(check, 'bytes_removed', removedAt.toISOString());
}

function judged(check: InvoiceCheckName, holds: boolean, good: CheckReason, bad: CheckReason): InvoiceCheck {
  return holds ? holding(check, good) : failing(check, bad);
}

function holding(check: InvoiceCheckName, reason: CheckReason, ...facts: string[]): InvoiceCheck {
  return { check, result: 'holds', reason, facts, detail: detailOf(reason, facts) };
}

function failing(check: InvoiceCheckName, reason: CheckReason, ...facts: string[]): InvoiceCheck {
  return { check, result: 'fails', reason, facts, detail: detailOf(reason, facts) };
}

function unknown(check: InvoiceCheckName, reason: CheckReason, ...facts: string[]): InvoiceCheck {
  return { check, result: 'unknown', reason, facts, detail: detailOf(reason, facts) };
}

function detailOf(reason: CheckReason, facts: readonly string[]): string {
  return CHECK_REASONS[reason].replaceAll(/\{(\d)\}/g, (_whole, place: string) => facts[Number(place)] ?? '');
}
