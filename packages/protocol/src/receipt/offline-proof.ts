import { type KeyObject, sign, verify } from 'node:crypto';
import { decodeBase64Url } from '../jws/base64url.js';
import type { Invoice } from '../invoice/invoice-schema.js';

/** What a receipt that was printed without a code says of itself, signed by its till. `soldAt`: milliseconds since 1970, whole seconds. */
export interface OfflineFacts {
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly soldAt: number;
  readonly currency: string;
  /** Smallest unit of `currency`. */
  readonly total: number;
  readonly type: Invoice['type'];
}

/** A proof as it was read; nothing of it is believed before `isOfflineProof`. `signer`: beginning of the certificate's thumbprint. */
export interface OfflineProof {
  readonly facts: OfflineFacts;
  readonly signer: string;
  readonly signature: Buffer;
}

/** Characters of the thumbprint: 48 bits choose one of a till's certificates, and the signature proves it. */
export const PROOF_SIGNER_LENGTH = 8;
/** Name of the query's member that carries the proof. */
export const PROOF_MEMBER = 'p';

const SECOND_MS = 1_000;
/** Seconds, currency, total, type; signer; signature of 64 bytes. */
const PROOF =
  /^(\d{1,12})\.([A-Z]{3})\.(-?\d{1,16})\.(normal|advance|training|proforma|copy)\.([\w-]{8})\.([\w-]{86})$/;

/**
 * The proof that a till signed a receipt, for the query of the address in its QR: `?p=` and this text. Six parts with points between:
 * seconds since 1970, currency, total, type, beginning of the certificate's thumbprint, and an ES256 signature (r and s, base64url) over
 * `offline-receipt:TERMINAL/INVOICE?p=` and the first four parts. No JWS begins so.
 */
export function makeOfflineProof(
  { terminalId, id, issuedAt, currency, total, type }: Invoice,
  key: KeyObject,
  thumbprint: string,
): string {
  const soldAt = Math.max(0, Math.floor(Date.parse(issuedAt) / SECOND_MS) * SECOND_MS);
  const facts = { terminalId, invoiceId: id, soldAt, currency, total, type };
  const signature = sign('sha256', signedBytes(facts), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');
  return [stated(facts), thumbprint.slice(0, PROOF_SIGNER_LENGTH), signature].join('.');
}

/** Reads a proof; null when it has another form. */
export function readOfflineProof(terminalId: string, invoiceId: string, text: string): OfflineProof | null {
  const [, seconds, currency = '', total, type, signer = '', encoded = ''] = PROOF.exec(text) ?? [];
  const signature = decodeBase64Url(encoded);
  if (seconds === undefined || signature === null || !Number.isSafeInteger(Number(total))) return null;
  const soldAt = Number(seconds) * SECOND_MS;
  const facts = { terminalId, invoiceId, soldAt, currency, total: Number(total), type: type as Invoice['type'] };
  return { facts, signer, signature };
}

/** Whether the key signed these facts. */
export function isOfflineProof({ facts, signature }: OfflineProof, publicKey: KeyObject): boolean {
  return verify('sha256', signedBytes(facts), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

function stated({ soldAt, currency, total, type }: OfflineFacts): string {
  return [soldAt / SECOND_MS, currency, total, type].join('.');
}

function signedBytes(facts: OfflineFacts): Buffer {
  const { terminalId, invoiceId } = facts;
  return Buffer.from(`offline-receipt:${terminalId}/${invoiceId}?${PROOF_MEMBER}=${stated(facts)}`, 'utf8');
}
