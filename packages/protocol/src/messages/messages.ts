import type { Problem } from '../catalogue/problems.js';
import type { Warning } from '../catalogue/warnings.js';

/**
 * Header that bears the identity of an attempt (UUID of its transaction log entry); for a list of invoices the attempt of
 * each, in order, separated by commas.
 */
export const ATTEMPT_ID_HEADER = 'attempt-id';

/** Header of an answer to a till: for how many milliseconds the server had the request, as `app;dur=12` (Server-Timing, W3C). */
export const SERVER_TIMING_HEADER = 'server-timing';

/** `POST /v1/invoices` */
export interface IssueRequest {
  /** Compact JWS of the invoice. */
  readonly invoice: string;
  /** The till had stopped before the answer came: how old the invoice is says nothing about the till's clock. */
  readonly resumed?: boolean;
  /** The highest code of the receipts that this terminal holds, the journal's own as well as earlier ones; left out: it holds none. */
  readonly newestCode?: string;
}

/** `POST /v1/reissues`: 1 to threshold invoices, oldest first. */
export interface ReissueRequest {
  readonly invoices: readonly string[];
  /** As in {@link IssueRequest}. */
  readonly newestCode?: string;
}

/** An invoice has its code. `already_issued` is success: the same receipt as the first time. */
export interface Issued {
  readonly result: 'issued' | 'already_issued';
  /** Compact JWS of the receipt. */
  readonly receipt: string;
  readonly warnings: readonly Warning[];
}

/** Not issued; sending it again changes nothing. */
export interface Refused {
  readonly result: 'refused';
  readonly problem: Problem;
}

/** Not now; the till keeps it. */
export interface Deferred {
  readonly result: 'deferred';
  readonly problem: Problem;
}

export type InvoiceResult = Issued | Refused | Deferred;

/** What every answer about invoices tells the till beside the results. */
export interface Standing {
  /** How many offline invoices one online transaction may carry for the moment; never above the threshold. */
  readonly allowance: number;
  /** Highest counter on file for the journal of the (last) invoice; null when none is. */
  readonly lastCounter: number | null;
  /**
   * First number behind the last jump of the numbers; null: they never jumped. Another one than before means that the database was restored or
   * started anew, and may have forgotten receipts: ask (`POST /v1/holdings`).
   */
  readonly lastJump: number | null;
  /** Whether the request's `newestCode` is on file; true where it named none. False means the same as another `lastJump`. */
  readonly newestKnown: boolean;
}

export type IssueAnswer = Issued & Standing;

export interface ReissueAnswer extends Standing {
  /** One for each invoice sent, in the same order. */
  readonly results: readonly InvoiceResult[];
}

/** `GET /v1/invoices/{id}` */
export interface InvoiceAnswer {
  readonly receipt: string;
  readonly warnings: readonly Warning[];
}

/** `POST /v1/certificates`: a certificate that this terminal signed with and that the server has forgotten. */
export interface CertificateRequest {
  /** DER in base64, as in `x5c` (RFC 7515, 4.1.6). */
  readonly certificate: string;
}

/** `taken`: it is on file from now on; `known`: it was before. */
export interface CertificateAnswer {
  readonly result: 'taken' | 'known';
}

/** `POST /v1/transaction-logs` */
export interface LogUploadRequest {
  readonly entries: readonly unknown[];
}

/** Counts of an upload. Entries of a wrong shape are named by index; the others are stored all the same. */
export interface LogUploadAnswer {
  readonly new: number;
  readonly repeated: number;
  readonly invalid: readonly { readonly index: number; readonly problem: Problem }[];
}

/** `POST /v1/echo` */
export interface EchoRequest {
  /** 16 to 64 characters, made by the caller; the signed answer repeats it. */
  readonly nonce: string;
}

/** Payload of the signed echo (JWS, typ echo+jws, x5c of the signing certificate). */
export interface Echo {
  readonly nonce: string;
  /** Server's time, RFC 3339, UTC, milliseconds. */
  readonly time: string;
  readonly terminalId: string | null;
  /** What the server takes the caller for: `active`, or the problem's code that its invoices would meet. */
  readonly standing: string;
}

export interface EchoAnswer {
  readonly echo: string;
}
