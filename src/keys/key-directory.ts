import { join } from 'node:path';
import type { Environment } from '@tax-control/protocol';

/** Where each file lies in a keys directory. */
export interface KeyDirectory {
  readonly root: string;
  readonly authorityCertificate: string;
  readonly authorityKey: string;
  /** `<kid>.pem`: private keys, or public keys of those that sign no longer but are still trusted. */
  readonly receiptSigning: string;
  /** Certificate of the key that signs at present. */
  readonly signingCertificate: string;
  /** `<first-sequence>.key`: the range of the sequence that begins there is authenticated with it. */
  readonly mac: string;
  readonly terminalListener: ListenerFiles;
  readonly publicListener: ListenerFiles;
}

/** TLS material of one listener: PEM files. */
export interface ListenerFiles {
  readonly certificate: string;
  readonly key: string;
}

/** The layout below a root. */
export function keyDirectory(root: string): KeyDirectory {
  return {
    root,
    authorityCertificate: join(root, 'ca', 'certificate.pem'),
    authorityKey: join(root, 'ca', 'key.pem'),
    receiptSigning: join(root, 'receipt-signing'),
    signingCertificate: join(root, 'signing-certificate.pem'),
    mac: join(root, 'mac'),
    terminalListener: listenerFiles(root, 'terminal-listener'),
    publicListener: listenerFiles(root, 'public-listener'),
  };
}

function listenerFiles(root: string, name: string): ListenerFiles {
  return { certificate: join(root, name, 'certificate.pem'), key: join(root, name, 'key.pem') };
}

/** First number of the sequence in each environment: a code of the test environment begins with 9. */
export const FIRST_SEQUENCE: Readonly<Record<Environment, number>> = { production: 1, test: 900_000_000_000 };
