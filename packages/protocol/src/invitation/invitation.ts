/**
 * What the operator hands to the shop as one string: where the server is, how to know it, and a secret for one enrolment.
 * `caDigest`: base64url SHA-256 of the CA certificate's DER bytes, which the till pins before it says anything.
 */
export interface Invitation {
  readonly addresses: readonly string[];
  readonly caDigest: string;
  readonly terminalId: string;
  readonly secret: string;
}
