/** Names of accounts; the column's CHECK says the same. E-mail addresses fit. */
const ACCOUNT_NAME = /^[a-z0-9][a-z0-9.@_-]{0,63}$/;

/** For messages to people. */
export const ACCOUNT_NAME_RULE =
  '1 to 64 letters a–z, digits, dots, hyphens, underscores or @, the first one a letter or digit';

/** One form for a name as typed: without spaces around it, in lower case. */
export function normalName(typed: string): string {
  return typed.normalize('NFKC').trim().toLowerCase();
}

export function isAccountName(name: string): boolean {
  return ACCOUNT_NAME.test(name);
}
