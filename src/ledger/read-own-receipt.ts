import {
  decodeUtf8,
  parseCompactJws,
  parseJsonBytes,
  problem,
  type Problem,
  readReceipt,
  type Receipt,
} from '@tax-control/protocol';
import type { KeyRing } from '../keys/key-ring.js';

export type OwnReceiptReading =
  { readonly ok: true; readonly receipt: Receipt } | { readonly ok: false; readonly problem: Problem };

/** Reads a receipt (compact JWS) that this server gave, with any key that it ever had, in its own environment. */
export function readOwnReceipt(text: string, keys: Pick<KeyRing, 'environment' | 'trustedKeys'>): OwnReceiptReading {
  const read = readReceipt(text, keys.trustedKeys());
  if (!read.ok) {
    const isOfOther = environmentOf(text) !== null && environmentOf(text) !== keys.environment;
    const found = isOfOther ? problem('receipt_of_other_environment') : notGenuine(read.detail);
    return { ok: false, problem: found };
  }
  const { receipt } = read;
  if (receipt.environment !== keys.environment) return { ok: false, problem: problem('receipt_of_other_environment') };
  return { ok: true, receipt };
}

function notGenuine(detail: string): Problem {
  return problem('receipt_not_genuine', { detail });
}

/** What a receipt says of its environment, be it genuine or not; null: nothing that can be read. */
function environmentOf(text: string): string | null {
  const environment = payloadOfReceipt(text)?.['environment'];
  return environment === 'test' || environment === 'production' ? environment : null;
}

/** The members of a receipt, be it genuine or not; null: it cannot be read. */
export function payloadOfReceipt(text: string): Readonly<Record<string, unknown>> | null {
  const payload = parseCompactJws(text)?.payload;
  if (payload === undefined || decodeUtf8(payload) === null) return null;
  const value = parseJsonBytes(payload)?.value;
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}
