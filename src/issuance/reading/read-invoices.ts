import { createPublicKey, type KeyObject } from 'node:crypto';
import { headOf, type InvoiceClaims, type InvoiceHead, type Problem, readSignedInvoice } from '@tax-control/protocol';

/** One invoice to be read: its compact JWS, whose it must be, and the public key it names (SPKI, DER, base64). */
export interface ReadingTask {
  readonly text: string;
  readonly terminalId: string;
  readonly taxpayerId: string;
  readonly premisesId: string;
  readonly publicKey: string;
}

/** What came out. `digest`: base64url SHA-256 of the payload. */
export type InvoiceReading =
  | { readonly ok: true; readonly head: InvoiceHead; readonly digest: string }
  | { readonly ok: false; readonly problem: Problem; readonly claims: InvoiceClaims };

/** Who reads invoices: see {@link readInvoice}. */
export interface InvoiceReader {
  /** Whether one more has to be turned away. */
  readonly isFull: boolean;
  read(task: ReadingTask): Promise<InvoiceReading>;
}

/** Reads at once, in the thread that asks. */
export const READ_IN_PLACE: InvoiceReader = { isFull: false, read: (task) => Promise.resolve(readInvoice(task)) };

/** Public keys kept parsed: those of the tills that are selling; a key is 1 KB, and parsing one costs as much as verifying. */
const KEYS_MAX = 10_000;
const keys = new Map<string, KeyObject>();

/**
 * What a reading thread does (the default export, as its pool asks for).
 *
 * @returns JSON of a {@link InvoiceReading} for each task, in order: one text travels between threads for a third of what objects cost
 */
export default function readInvoices(tasks: readonly ReadingTask[]): string {
  return JSON.stringify(tasks.map(readInvoice));
}

/** Reads one invoice whole: signature, payload, names, arithmetic. Pure. */
export function readInvoice({ text, publicKey, ...names }: ReadingTask): InvoiceReading {
  const key = keyOf(publicKey);
  const reading = readSignedInvoice(text, { ...names, keyOf: () => key });
  if (!reading.ok) return { ok: false, problem: reading.problem, claims: reading.claims };
  return { ok: true, head: headOf(reading.invoice), digest: reading.digest };
}

function keyOf(publicKey: string): KeyObject {
  const known = keys.get(publicKey);
  if (known) return known;
  if (keys.size >= KEYS_MAX) keys.clear();
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' });
  keys.set(publicKey, key);
  return key;
}
