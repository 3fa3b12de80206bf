/** The parts of a signed invoice as they are stored. */
export interface SignedParts {
  /** Text of the protected header; null where it is the usual one. */
  readonly header: string | null;
  /** Thumbprint of the certificate whose key signed. */
  readonly signer: string;
  readonly payload: Buffer;
  /** ES256, 64 bytes. */
  readonly signature: Buffer;
}

/** The protected header that nearly every till writes, so that it need not be kept with every invoice. */
export function usualHeader(thumbprint: string): string {
  return `{"alg":"ES256","typ":"invoice+jws","x5t#S256":"${thumbprint}"}`;
}

/** The compact JWS as it was sent, byte for byte: base64url has one spelling for each byte string. */
export function signedText({ header, signer, payload, signature }: SignedParts): string {
  const protectedHeader = Buffer.from(header ?? usualHeader(signer), 'utf8');
  return [protectedHeader, payload, signature].map((part) => part.toString('base64url')).join('.');
}
