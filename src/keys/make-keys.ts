import { randomBytes } from 'node:crypto';
import { certificateThumbprint } from '@tax-control/protocol';
import { hostsFile } from './hosts.js';
import { FIRST_SEQUENCE, TERMINAL_HOSTS } from './key-directory.js';
import {
  certificatePem,
  type KeyFile,
  keyPem,
  type KeysRequest,
  makeAuthority,
  makePublicListener,
  makeSigningCertificate,
  newKey,
} from './make-parts.js';
import { publicJwk } from './public-key.js';

const MAC_KEY_BYTES = 32;

/** What was made, for people: digest of the authority (as in invitations), kid of the receipt key. */
export interface MadeKeys {
  readonly files: readonly KeyFile[];
  readonly caDigest: string;
  readonly receiptKeyId: string;
}

/** Makes a whole set of keys and certificates in memory. */
export async function makeKeys(request: KeysRequest): Promise<MadeKeys> {
  const { environment, now } = request;
  const issuer = await makeAuthority(environment, now);
  const signingKey = newKey();
  const { kid } = publicJwk(signingKey);
  const signing = await makeSigningCertificate(environment, signingKey, issuer, now);
  return {
    caDigest: certificateThumbprint(issuer.certificate),
    receiptKeyId: kid,
    files: [
      { path: 'ca/certificate.pem', content: certificatePem(issuer.certificate) },
      { path: 'ca/key.pem', content: keyPem(issuer.key) },
      { path: `receipt-signing/${kid}.pem`, content: keyPem(signingKey) },
      { path: 'signing-certificate.pem', content: certificatePem(signing) },
      macKeyFile(FIRST_SEQUENCE[environment]),
      hostsFile(TERMINAL_HOSTS, request.hosts),
      ...(await makePublicListener(request)),
    ],
  };
}

/** A new MAC key for the numbers from one on. */
export function macKeyFile(firstSequence: number): KeyFile {
  return { path: `mac/${firstSequence}.key`, content: `${randomBytes(MAC_KEY_BYTES).toString('base64url')}\n` };
}
