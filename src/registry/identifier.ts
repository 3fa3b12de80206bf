/** Identifiers of taxpayers, premises and terminals, chosen by people; the database's domain `identifier` says the same. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** For messages to people. */
export const IDENTIFIER_RULE = '1 to 64 letters, digits, dots, hyphens or underscores, the first one a letter or digit';

export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}
