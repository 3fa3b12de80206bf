import { isBeforeExpiry, readSignedDocument, signDocument, type SigningIdentity } from '../jws/signed-document.js';
import { authoritiesOf, type Trust } from '../keys/authorities.js';
import { tolerant } from '../schema/tolerant.js';
import { validator } from '../schema/validator.js';
import type { Echo } from './messages.js';

/** `typ` of an echo's header. */
export const ECHO_TYPE = 'echo+jws';

/** Characters of a nonce: 16 of base64url are 96 bits, enough never to be guessed or met again. */
export const NONCE_LENGTH_MIN = 16;
export const NONCE_LENGTH_MAX = 64;

const text = { type: 'string', maxLength: NONCE_LENGTH_MAX } as const;

/** Payload of the signed echo (JSON Schema 2020-12). */
export const echoSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:echo-1',
  title: 'Echo',
  type: 'object',
  additionalProperties: false,
  required: ['nonce', 'time', 'terminalId', 'standing'],
  properties: {
    nonce: { ...text, minLength: NONCE_LENGTH_MIN },
    time: {
      type: 'string',
      pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$',
      format: 'date-time',
    },
    terminalId: { ...text, type: ['string', 'null'] },
    standing: text,
  },
} as const;

export type EchoReading = { readonly ok: true; readonly echo: Echo } | { readonly ok: false; readonly detail: string };

const echoShape = validator<Echo>(tolerant(echoSchema));

/** Signs an echo with the server's signing certificate. */
export function signEcho(echo: Echo, identity: SigningIdentity): string {
  return signDocument(ECHO_TYPE, echo, identity);
}

/**
 * Reads the answer to `POST /v1/echo`: signed by the server, and for this very call.
 * The till's own clock plays no part, so that a wrong one can be measured by it.
 * @param nonce what the caller sent; an older answer, replayed, has another
 */
export function readEcho(jws: string, trust: Trust, nonce: string): EchoReading {
  const document = readSignedDocument(jws, ECHO_TYPE, authoritiesOf(trust));
  if (!document.ok) return document;
  const { value, certificate } = document;
  if (!echoShape.accepts(value)) return { ok: false, detail: 'The echo does not have the agreed shape.' };
  if (value.nonce !== nonce) return { ok: false, detail: 'The echo answers another call.' };
  if (!isBeforeExpiry(certificate, value.time))
    return { ok: false, detail: 'The certificate that signed the echo has expired.' };
  return { ok: true, echo: value };
}
