import { randomInt } from 'node:crypto';

/** Letters and digits that no font confuses; 31 of them. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
/** Four groups of four: 79 bits, where guessing is delayed after five tries anyway. */
const GROUPS = 4;
const GROUP_LENGTH = 4;

/** Milliseconds that a temporary password is valid: over a weekend, to the desk where it is used. */
export const TEMPORARY_PASSWORD_MS = 72 * 60 * 60 * 1_000;

/** A password to be handed over and used once, to set another. */
export function makeTemporaryPassword(): string {
  const group = (): string => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
