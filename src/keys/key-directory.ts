import { join } from 'node:path';
import type { Environment } from '@tax-control/protocol';

/** Where each file lies in a keys directory. */
export interface KeyDirectory {
  readonly root: string;
  /** `certificate.pem` and `key.pem`: the authority that issues. `<digest>-certificate.pem`: one that did before. */
  readonly authorities: string;
  readonly authority: KeyPairFiles;
  /** The authority that will issue, made known to the tills already; there between staging and activation. */
  readonly nextAuthority: KeyPairFiles;
  /** Certificates by which authorities vouch for each other; there once an authority was staged. */
  readonly links: string;
  /** `<kid>.pem`: private keys, or public keys of those that sign no longer but are still trusted. */
  readonly receiptSigning: string;
  /** Certificate of the key that signs at present. */
  readonly signingCertificate: string;
  /** Certificate of the key that will sign, made known to the tills already; there between staging and activation. */
  readonly nextSigningCertificate: string;
  /** `<first-sequence>.key`: the range of the sequence that begins there is authenticated with it. */
  readonly mac: string;
  /** Names and addresses by which tills reach the servers, one a line. Each server issues itself a certificate that names them. */
  readonly terminalHosts: string;
  readonly publicListener: KeyPairFiles;
}

/** A certificate and its private key: PEM files. */
export interface KeyPairFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Name of the file of the tills' hosts below a root. */
export const TERMINAL_HOSTS = 'terminal-hosts.txt';

/** The layout below a root. */
export function keyDirectory(root: string): KeyDirectory {
  return {
    root,
    authorities: join(root, 'ca'),
    authority: keyPairFiles(root, 'ca'),
    nextAuthority: keyPairFiles(root, 'ca', 'next-'),
    links: join(root, 'ca', 'links.pem'),
    receiptSigning: join(root, 'receipt-signing'),
    signingCertificate: join(root, 'signing-certificate.pem'),
    nextSigningCertificate: join(root, 'next-signing-certificate.pem'),
    mac: join(root, 'mac'),
    terminalHosts: join(root, TERMINAL_HOSTS),
    publicListener: keyPairFiles(root, 'public-listener'),
  };
}

/** How files of authorities that issued before end; the audit looks for the same. */
export const EARLIER_CERTIFICATE = '-certificate.pem';

function keyPairFiles(root: string, folder: string, prefix = ''): KeyPairFiles {
  return { certificate: join(root, folder, `${prefix}certificate.pem`), key: join(root, folder, `${prefix}key.pem`) };
}

/** First number of the sequence in each environment: a code of the test environment begins with 9. */
export const FIRST_SEQUENCE: Readonly<Record<Environment, number>> = { production: 1, test: 900_000_000_000 };

/** Last number of the sequence in each environment. */
export const LAST_SEQUENCE: Readonly<Record<Environment, number>> = {
  production: 899_999_999_999,
  test: 999_999_999_999,
};
