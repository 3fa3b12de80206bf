import { timingSafeEqual } from 'node:crypto';
import type { InvitationRow } from './invitations.js';

/** What an invitation whose secret was shown is worth for a key. */
export type InvitationJudgement =
  /** Enrol this key. */
  | { readonly result: 'good' }
  /** This very key was enrolled with it before: give the same certificate again. */
  | { readonly result: 'repeated'; readonly thumbprint: string }
  | { readonly result: 'used' | 'expired' };

/**
 * Judges an invitation whose secret was right.
 * @param keyDigest SHA-256 of the key to be enrolled; null where the request has no usable one
 */
export function judgeInvitation(keyDigest: Buffer | null, invitation: InvitationRow): InvitationJudgement {
  const { thumbprint, expired } = invitation;
  if (invitation.keyDigest === null || thumbprint === null) return { result: expired ? 'expired' : 'good' };
  // Later than its expiry too: the certificate is there, and the answer may have been lost in a long outage.
  const same = keyDigest !== null && timingSafeEqual(invitation.keyDigest, keyDigest);
  return same ? { result: 'repeated', thumbprint } : { result: 'used' };
}
