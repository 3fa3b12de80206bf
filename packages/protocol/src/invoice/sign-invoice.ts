import type { KeyObject } from 'node:crypto';
import { signCompactJws } from '../jws/compact-jws.js';
import { digestOf } from './digest.js';
import type { Invoice } from './invoice-schema.js';
import { INVOICE_TYPE } from './read-invoice.js';

/** A signed invoice: the compact JWS that is sent and stored, the payload inside it, and its digest (base64url SHA-256). */
export interface SignedInvoice {
  readonly jws: string;
  readonly payload: Buffer;
  readonly digest: string;
}

/** The bytes of an invoice that are signed: UTF-8 of its JSON. They never change afterwards. */
export function encodeInvoice(invoice: Invoice): Buffer {
  return Buffer.from(JSON.stringify(invoice), 'utf8');
}

/**
 * Signs an invoice with the terminal's key.
 * @param key P-256 private key
 * @param thumbprint SHA-256 of the DER bytes of its certificate, base64url (`x5t#S256`, RFC 7515, 4.1.8)
 */
export function signInvoice(invoice: Invoice, key: KeyObject, thumbprint: string): SignedInvoice {
  const payload = encodeInvoice(invoice);
  const jws = signCompactJws({ typ: INVOICE_TYPE, 'x5t#S256': thumbprint }, payload, key);
  return { jws, payload, digest: digestOf(payload) };
}
