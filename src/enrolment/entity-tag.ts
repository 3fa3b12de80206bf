/**
 * Whether an If-None-Match header names an entity tag (RFC 9110, 13.1.2, weak comparison): then the client has it.
 * @param tag with its quotes, weak or strong
 */
export function namesEntityTag(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  return header.split(',').some((one) => opaque(one) === opaque(tag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, '');
}
