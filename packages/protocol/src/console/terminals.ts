import type { Door } from '../receipt/receipt.js';
import type { AttemptOutcome } from '../transaction-log/log-entry.js';
import type { Missing } from './missing.js';

export const TERMINAL_STATUSES = ['active', 'suspended', 'revoked'] as const;
export type TerminalStatusName = (typeof TERMINAL_STATUSES)[number];

/**
 * How a certificate came to a terminal: for an invitation, for the certificate before it (with the same key or a new one), or put on
 * file by an operator's tool.
 */
export const CERTIFICATE_WAYS = [
  'enrolment',
  'renewal_same_key',
  'renewal_new_key',
  'operator',
  'shown_again',
] as const;
export type CertificateWay = (typeof CERTIFICATE_WAYS)[number];

/** Extra query members of `GET /v1/console/terminals`. `text` is looked for in ids and names. */
export interface TerminalFilter {
  readonly text?: string;
  readonly status?: TerminalStatusName;
}

export interface TerminalRow {
  readonly terminalId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly taxpayerId: string;
  readonly taxpayerName: string;
  readonly status: TerminalStatusName;
  readonly registeredAt: string;
  /** Last invoice or uploaded entry that arrived; null: none yet. */
  readonly lastSignAt: string | null;
  /** End of the newest certificate; null: not enrolled. */
  readonly certificateNotAfter: string | null;
  /** Invoices known from the log, without code and not refused. */
  readonly pending: number;
}

export interface CertificateRow {
  readonly thumbprint: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly issuedAt: string;
  readonly revokedAt: string | null;
  readonly revocationReason: string | null;
  readonly way: CertificateWay;
  /** Thumbprint of the certificate that it was renewed from; null: it was no renewal. */
  readonly parent: string | null;
  /** Where the request came from; null: not known. */
  readonly callerAddress: string | null;
}

/**
 * The certificates that were renewed from one, directly or through others. Whoever stole its key may hold the keys of these too.
 * @param all certificates of one terminal
 */
export function descendantsOf<Member extends Pick<CertificateRow, 'thumbprint' | 'parent'>>(
  thumbprint: string,
  all: readonly Member[],
): Member[] {
  const family = new Set([thumbprint]);
  // A child may stand before its parent in the list: go on until a round finds no more.
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { parent, thumbprint: child } of all) if (parent !== null && family.has(parent)) family.add(child);
  }
  return all.filter((one) => one.thumbprint !== thumbprint && family.has(one.thumbprint));
}

/** Body of `POST /v1/console/terminals/:terminalId/certificates/:thumbprint/revocations`. */
export interface CertificateRevocation {
  readonly reason: string;
  /** Whether to revoke what was renewed from it too. */
  readonly descendants?: boolean;
}

/** What a revocation did. */
export interface CertificateRevoked {
  readonly terminalId: string;
  readonly thumbprint: string;
  /** Thumbprints that this revoked. */
  readonly revoked: readonly string[];
  /** Thumbprints that were renewed from it and are still in force. */
  readonly inForce: readonly string[];
}

/** What is known of one journal of the terminal. */
export interface JournalRow {
  readonly journalId: string;
  readonly firstCounter: number;
  readonly lastCounter: number;
  readonly invoices: number;
  readonly firstAt: string;
  readonly lastAt: string;
}

/** An invoice that the till told of and the server has not. */
export interface PendingInvoice {
  readonly invoiceId: string;
  readonly firstAttemptAt: string;
  readonly lastAttemptAt: string;
  readonly attempts: number;
  readonly lastCause: string | null;
}

/** An invitation that nobody has used yet. Wrong secrets are counted and change nothing: the right one cannot be guessed. */
export interface OpenInvitation {
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly wrongTries: number;
  readonly lastWrongTryAt: string | null;
}

/** `GET /v1/console/terminals/:terminalId`. */
export interface TerminalPage extends TerminalRow {
  readonly premisesAddress: string;
  readonly activity: string;
  readonly statusReason: string | null;
  readonly statusChangedAt: string;
  readonly certificates: readonly CertificateRow[];
  readonly journals: readonly JournalRow[];
  /** The oldest first, at most `PENDING_SHOWN`. */
  readonly backlog: readonly PendingInvoice[];
  readonly missing: readonly Missing[];
  /** Of the newest invoice; null: none yet. */
  readonly software: { readonly name: string; readonly version: string; readonly at: string } | null;
  readonly clock: { readonly offsetMs: number; readonly ageSeconds: number; readonly at: string } | null;
  /** Version in force for all tills. */
  readonly parametersVersion: number | null;
  /** Version that the till fetched last, as far as the server saw; null: not seen. */
  readonly fetchedParameters: { readonly version: number; readonly at: string } | null;
  readonly openInvitation: OpenInvitation | null;
}

export const PENDING_SHOWN = 100;

interface TimelineOf<Kind extends string> {
  readonly at: string;
  readonly kind: Kind;
}

/** `GET /v1/console/terminals/:terminalId/timeline` (from, to, page), newest first. */
export type TimelineItem =
  | (TimelineOf<'attempt'> & {
      readonly entryId: string;
      readonly door: Door;
      readonly invoiceId: string | null;
      readonly outcome: AttemptOutcome;
      readonly cause: string | null;
    })
  | (TimelineOf<'refused_invoice'> & { readonly invoiceId: string | null; readonly cause: string })
  | (TimelineOf<'certificate_issued'> & {
      readonly thumbprint: string;
      readonly notAfter: string;
      readonly way: CertificateWay;
    })
  | (TimelineOf<'certificate_revoked'> & { readonly thumbprint: string; readonly reason: string | null })
  | (TimelineOf<'invitation'> & { readonly expiresAt: string })
  | (TimelineOf<'registered'> & { readonly premisesId: string })
  | (TimelineOf<'status'> & { readonly status: TerminalStatusName; readonly reason: string | null });
