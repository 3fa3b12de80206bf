// @peculiar/x509 needs the polyfill before it is loaded.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

/**
 * Certificates as EST answers with them: a CMS message without content and signers ("certs-only", RFC 5272 and
 * RFC 7030, 4.1.3), in base64 with lines of 64 characters, which every tool reads.
 */
export function certificatesOnly(certificates: readonly Buffer[]): string {
  const message = new x509.X509Certificates(certificates.map((der) => new x509.X509Certificate(der)));
  const lines = message.export('base64').match(/.{1,64}/g) ?? [];
  return `${lines.join('\n')}\n`;
}
