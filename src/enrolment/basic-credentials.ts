import type { Credentials } from './enrolment.js';

const BASIC = /^Basic ([A-Za-z0-9+/]+={0,2})$/i;

/** Takes HTTP Basic (RFC 7617) apart; null when there is none. The user is the terminal's id, the password its secret. */
export function basicCredentials(authorization: string | undefined): Credentials | null {
  const encoded = BASIC.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { terminalId: text.slice(0, colon), secret: text.slice(colon + 1) };
}
