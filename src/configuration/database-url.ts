import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ValidateBy } from 'class-validator';

const FORM = 'must be an address postgresql://user:password@host:port/database, with special characters as %…';

/** What `sslmode` may be. The driver knows no "TLS if there is some": who can read along can also say that there is none. */
const SSL_MODES: ReadonlySet<string> = new Set(['disable', 'require', 'verify-ca', 'verify-full', 'no-verify']);

/** Files that the driver reads for each connection, and what must stand in them, all in PEM. */
const FILES: Readonly<Record<string, { readonly what: string; readonly parse: (pem: Buffer) => unknown }>> = {
  sslrootcert: { what: 'a certificate', parse: (pem) => new X509Certificate(pem) },
  sslcert: { what: 'a certificate', parse: (pem) => new X509Certificate(pem) },
  sslkey: { what: 'a private key without passphrase', parse: (pem) => createPrivateKey(pem) },
};

/** An address of a PostgreSQL database as psql takes it, over TCP or a socket file, whose TLS files are there and can be used. */
export function DatabaseUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'databaseUrl',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && brokenRule(value) === null,
      defaultMessage: (given) => brokenRule(String(given?.value)) ?? FORM,
    },
  });
}

/**
 * The address with one word for checked TLS. `require` and `verify-ca` mean it too: a line on which the other end was not
 * checked is encrypted to whoever stands in it.
 */
export function withFullVerification(url: string): string {
  return url.replace(/([?&]sslmode=)(?:require|verify-ca)(?=&|$)/, '$1verify-full');
}

/** The rule that an address breaks, without anything of the address but names of files; null if it breaks none. */
function brokenRule(text: string): string | null {
  const url = parse(text);
  if (url === null) return FORM;
  const parameters = url.searchParams;
  const mode = parameters.get('sslmode');
  if (mode !== null && !SSL_MODES.has(mode))
    return 'has an unknown sslmode: write verify-full (TLS, and the certificate is checked; require and verify-ca mean the same here), no-verify or disable';
  if (parameters.has('uselibpqcompat')) return 'must not have uselibpqcompat, which weakens what sslmode promises';
  for (const [name, { what, parse: parsePem }] of Object.entries(FILES)) {
    const file = parameters.get(name);
    const fault = file === null ? null : fileFault(file, parsePem);
    if (fault !== null) return `names with ${name} a file that ${fault} (${file ?? ''}): it must hold ${what} in PEM`;
  }
  if (parameters.has('sslcert') !== parameters.has('sslkey'))
    return 'must have sslcert and sslkey together, or neither';
  return null;
}

function fileFault(file: string, parsePem: (pem: Buffer) => unknown): string | null {
  let pem;
  try {
    pem = readFileSync(file);
  } catch {
    return 'cannot be read by this process';
  }
  try {
    parsePem(pem);
    return null;
  } catch {
    return 'has something else in it';
  }
}

/** As the driver reads it: the host of a socket file may stand in a parameter, and then there is none before the path. */
function parse(text: string): URL | null {
  if (!/^postgres(ql)?:\/\/\S+$/.test(text)) return null;
  const [readable] = [text, text.replace('@/', '@localhost/')].filter((form) => URL.canParse(form));
  if (readable === undefined) return null;
  const url = new URL(readable);
  const isWhole = [url.username, url.password, url.hostname].every(isDecodable);
  return isWhole && (url.hostname !== '' || url.searchParams.has('host')) ? url : null;
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
