import { timingSafeEqual } from 'node:crypto';
import { type InvitationRow, secretDigest } from './invitations.js';

/** What a secret that was shown with a key is worth. */
export type SecretJudgement =
  /** Enrol this key. */
  | { readonly result: 'good'; readonly invitation: InvitationRow }
  /** This very key was enrolled with it before: give the same certificate again. */
  | { readonly result: 'repeated'; readonly thumbprint: string }
  /** A wrong try, to be counted against the invitation that could have been guessed, if there is one. */
  | { readonly result: 'wrong'; readonly countAgainst: InvitationRow | null }
  | { readonly result: 'locked' | 'used' | 'expired' };

/**
 * Judges a secret against the invitations of its terminal. A locked invitation answers to right and wrong secrets alike,
 * so that trying on tells nothing.
 * @param invitations the newest first
 * @param keyDigest SHA-256 of the key to be enrolled; null where the request has no usable one
 */
export function judgeSecret(
  secret: string,
  keyDigest: Buffer | null,
  invitations: readonly InvitationRow[],
): SecretJudgement {
  const digest = secretDigest(secret);
  const invitation = invitations.find((one) => timingSafeEqual(one.secretDigest, digest));
  if (invitation !== undefined && invitation.keyDigest !== null && invitation.thumbprint !== null) {
    // Later than its expiry too: the certificate is there, and the answer may have been lost in a long outage.
    const same = keyDigest !== null && timingSafeEqual(invitation.keyDigest, keyDigest);
    return same ? { result: 'repeated', thumbprint: invitation.thumbprint } : { result: 'used' };
  }
  const open = invitations.find((one) => one.keyDigest === null && !one.expired) ?? null;
  if (open?.locked === true) return { result: 'locked' };
  if (invitation === undefined) return { result: 'wrong', countAgainst: open };
  if (invitation.locked) return { result: 'locked' };
  return invitation.expired ? { result: 'expired' } : { result: 'good', invitation };
}
