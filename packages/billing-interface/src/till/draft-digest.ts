import { createHash } from 'node:crypto';

/** Depth of a draft is four; whatever is deeper is no draft, and an endless one must end. */
const DEPTH_MAX = 20;

/**
 * Digest of what the MIS handed over, whatever the order of its members: the same sale asked twice is the same.
 * Null when it is not JSON (a function, NaN, a bigint, an object that contains itself).
 */
export function draftDigest(draft: unknown): string | null {
  const text = canonical(draft, 0);
  return text === null ? null : createHash('sha256').update(text).digest('base64url');
}

function canonical(value: unknown, depth: number): string | null {
  if (depth > DEPTH_MAX) return null;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : null;
  if (typeof value !== 'object') return null;
  return Array.isArray(value) ? canonicalArray(value, depth) : canonicalObject(value, depth);
}

function canonicalArray(items: readonly unknown[], depth: number): string | null {
  const texts = items.map((item) => canonical(item, depth + 1));
  return texts.includes(null) ? null : `[${texts.join(',')}]`;
}

/** A member that is undefined is left out, as `JSON.stringify` does. */
function canonicalObject(object: object, depth: number): string | null {
  const members: string[] = [];
  for (const [name, value] of Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (value === undefined) continue;
    const text = canonical(value, depth + 1);
    if (text === null) return null;
    members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(',')}}`;
}
