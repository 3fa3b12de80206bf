import type { Fault } from './fault.js';

const UNKNOWN_AUTHORITY: Fault = {
  seen: 'The certificate of the database is of an authority that this machine does not trust.',
  advice:
    'If the authority is your own or your provider’s, save its certificate to a file and name that in DATABASE_URL: ' +
    '?sslmode=verify-full&sslrootcert=/etc/tax-control/database-ca.pem (docs/operating/database.md).',
};

const OTHER_NAME: Fault = {
  seen: 'The certificate of the database is for another name than the host in DATABASE_URL.',
  advice: 'Name the database in DATABASE_URL by a name that its certificate has, or have one issued for this name.',
};

const OTHER_DATES: Fault = {
  seen: 'The certificate of the database has expired, or is not valid yet.',
  advice: 'Renew it at the database (ssl_cert_file, then reload), and compare the clocks of both machines.',
};

const NOT_ACCEPTED: Fault = {
  seen: 'The certificate of the database cannot be accepted.',
  advice:
    'See who issued it and for what: openssl s_client -starttls postgres -connect HOST:PORT -showcerts. Have it issued anew for a server.',
};

const OWN_CERTIFICATE: Fault = {
  seen: 'The client certificate or key that DATABASE_URL names cannot be used.',
  advice: 'See that sslcert and sslkey are in PEM, belong together, and that the key has no passphrase.',
};

const CERTIFICATE_REFUSED: Fault = {
  seen: 'The database does not accept the client certificate of this program, or wants one.',
  advice: 'Name one that the authority in ssl_ca_file of the database issued: &sslcert=…&sslkey=… in DATABASE_URL.',
};

const NO_COMMON_TLS: Fault = {
  seen: 'The database and this program agree on no version or cipher of TLS, or what answers there is no PostgreSQL.',
  advice:
    'Correct host and port in DATABASE_URL; let the database take TLS 1.2 or later (ssl_min_protocol_version, ssl_ciphers).',
};

const NO_TLS: Fault = {
  seen: 'The database offers no TLS, and DATABASE_URL asks for it.',
  advice:
    'Switch it on at the database (ssl = on, ssl_cert_file, ssl_key_file), or take sslmode out of DATABASE_URL where nobody can listen.',
};

const NO_ANSWER: Fault = {
  seen: 'What answers at the address in DATABASE_URL does not begin TLS as PostgreSQL does.',
  advice:
    'Correct host and port in DATABASE_URL; if they are right, look at the log of the database (connections used up?).',
};

/** By the codes of Node.js, which for certificates are those of OpenSSL (X509_V_ERR_…). */
const BY_CODE: Readonly<Record<string, Fault>> = {
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: OTHER_NAME,
  HOSTNAME_MISMATCH: OTHER_NAME,
  CERT_HAS_EXPIRED: OTHER_DATES,
  CERT_NOT_YET_VALID: OTHER_DATES,
  CERT_REVOKED: NOT_ACCEPTED,
  CERT_REJECTED: NOT_ACCEPTED,
  CERT_CHAIN_TOO_LONG: NOT_ACCEPTED,
  INVALID_CA: NOT_ACCEPTED,
  INVALID_PURPOSE: NOT_ACCEPTED,
  PATH_LENGTH_EXCEEDED: NOT_ACCEPTED,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: CERTIFICATE_REFUSED,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CERTIFICATE_REFUSED,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: CERTIFICATE_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: CERTIFICATE_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: CERTIFICATE_REFUSED,
  EPROTO: NO_COMMON_TLS,
};

const BY_PREFIX: readonly (readonly [prefix: string, fault: Fault])[] = [
  ['ERR_OSSL_', OWN_CERTIFICATE],
  ['ERR_SSL_', NO_COMMON_TLS],
];

/** The driver's own words; it has no codes for these. */
const BY_MESSAGE: Readonly<Record<string, Fault>> = {
  'The server does not support SSL connections': NO_TLS,
  'There was an error establishing an SSL connection': NO_ANSWER,
};

/** Why TLS with the database did not come about; null where it is not about TLS. */
export function tlsFault(error: unknown): Fault | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? String(error.code) : '';
  return (
    BY_CODE[code] ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? BY_MESSAGE[error.message] ?? null
  );
}
