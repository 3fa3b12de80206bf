import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/**
 * What the audit verifies with, read from a keys directory (`tax-control keys init`). Of the receipt keys only the public half
 * is needed and kept; a directory that holds public PEM files in their place will do.
 */
export interface AuditKeys {
  /** Public receipt keys by `kid` (RFC 7638 thumbprint, computed here). */
  readonly receiptKeys: ReadonlyMap<string, KeyObject>;
  /** MAC keys by the first sequence number of their range, descending. */
  readonly macRanges: readonly { readonly first: number; readonly key: Buffer }[];
  /** Certificates that issue terminals' certificates. */
  readonly authorities: readonly X509Certificate[];
}

const MAC_KEY_BYTES = 32;

/** @throws KeysError with a sentence that says what is missing */
export async function readKeys(directory: string): Promise<AuditKeys> {
  const receiptKeys = new Map<string, KeyObject>();
  for (const text of await readAll(join(directory, 'receipt-signing'), /\.pem$/)) {
    const key = createPublicKey(text.content);
    receiptKeys.set(keyThumbprint(key), key);
  }
  const macRanges = [];
  for (const { name, content } of await readAll(join(directory, 'mac'), /^[0-9]+\.key$/)) {
    const key = Buffer.from(content.trim(), 'base64url');
    if (key.length !== MAC_KEY_BYTES)
      throw new KeysError(`mac/${name} does not hold ${MAC_KEY_BYTES} bytes in base64url.`);
    macRanges.push({ first: Number(name.replace('.key', '')), key });
  }
  macRanges.sort((a, b) => b.first - a.first);
  const authorities = [];
  for (const { content } of await readAll(join(directory, 'ca'), /certificate\.pem$/))
    authorities.push(new X509Certificate(content));
  return { receiptKeys, macRanges, authorities };
}

/** The key of the range in which the sequence number lies; null when no range begins so low. */
export function macKeyOf(keys: AuditKeys, sequence: number): Buffer | null {
  return keys.macRanges.find((range) => range.first <= sequence)?.key ?? null;
}

/** The keys directory is not complete, or is none. */
export class KeysError extends Error {}

async function readAll(folder: string, pattern: RegExp): Promise<{ name: string; content: string }[]> {
  const names = await readdir(folder).catch(() => []);
  const found = names.filter((name) => pattern.test(name)).sort();
  if (found.length === 0)
    throw new KeysError(
      `${folder} cannot be read, or lacks its ${basename(folder)} files. ` +
        'Name the directory that "tax-control keys init" made with --keys.',
    );
  return Promise.all(found.map(async (name) => ({ name, content: await readFile(join(folder, name), 'utf8') })));
}

/** RFC 7638 for a P-256 key: SHA-256 over crv, kty, x, y in that order. */
function keyThumbprint(key: KeyObject): string {
  const { crv, kty, x, y } = key.export({ format: 'jwk' });
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
