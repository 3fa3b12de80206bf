/**
 * A schema that passes over members it does not know: what a till reads by. Writers keep to the closed one; but a till in a
 * shop is older than its server, and must not lose its parameters because a later version says more.
 */
export function tolerant(schema: object): object {
  return strip(schema) as object;
}

function strip(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strip);
  if (typeof node !== 'object' || node === null) return node;
  const members = Object.entries(node).filter(([name, value]) => name !== 'additionalProperties' || value !== false);
  return Object.fromEntries(members.map(([name, value]) => [name, strip(value)]));
}
