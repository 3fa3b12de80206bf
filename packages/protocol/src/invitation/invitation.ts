import { createHash } from 'node:crypto';
import { decodeUtf8, isJsonObject, parseJsonWithUniqueNames } from '../json/exact-json.js';
import { decodeBase64Url } from '../jws/base64url.js';
import { DIGEST_PATTERN, IDENTIFIER_PATTERN } from '../schema/patterns.js';
import { tolerant } from '../schema/tolerant.js';
import { validator } from '../schema/validator.js';

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

/**
 * `not_an_invitation`: another text; `mistyped`: a letter is wrong, missing or too many;
 * `not_supported`: whole, but of a version that this till does not know.
 */
export type InvitationReading =
  | { readonly ok: true; readonly invitation: Invitation }
  | {
      readonly ok: false;
      readonly reason: 'not_an_invitation' | 'mistyped' | 'not_supported';
      readonly detail: string;
    };

const PREFIX = 'tax-invitation';
const INVITATION_VERSION = 1;
/** Characters of the checksum: 48 bits; a mistyped invitation passes once in 10^14 times. */
const CHECKSUM_LENGTH = 8;
/** Server addresses in one invitation: a region has a handful, and the string must stay fit to be copied. */
const ADDRESSES_MAX = 10;

const text = { type: 'string', minLength: 1, maxLength: 500 } as const;

/** What stands in the middle part of an invitation (JSON Schema 2020-12). Another `version` may have other members. */
export const invitationSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:tax-control:schema:invitation-1',
  title: 'Invitation',
  type: 'object',
  additionalProperties: false,
  required: ['version', 'addresses', 'caDigest', 'terminalId', 'secret'],
  properties: {
    version: { const: INVITATION_VERSION },
    addresses: {
      type: 'array',
      minItems: 1,
      maxItems: ADDRESSES_MAX,
      items: { ...text, pattern: '^https://' },
      description: 'The terminals’ listeners of the servers, in the order in which to try them.',
    },
    caDigest: {
      type: 'string',
      pattern: DIGEST_PATTERN,
      description: 'SHA-256 of the authority’s certificate (DER), in base64url.',
    },
    terminalId: { type: 'string', pattern: IDENTIFIER_PATTERN },
    secret: {
      ...text,
      description: 'Good for one enrolment: the password of HTTP Basic, with the terminal’s id as name.',
    },
  },
} as const;

const invitationShape = validator<Invitation & { readonly version: number }>(tolerant(invitationSchema));

/** Writes an invitation as one string to copy and paste: `tax-invitation.<base64url of JSON>.<checksum>`. */
export function encodeInvitation({ addresses, caDigest, terminalId, secret }: Invitation): string {
  const json = JSON.stringify({ version: INVITATION_VERSION, terminalId, addresses, caDigest, secret });
  const body = Buffer.from(json, 'utf8').toString('base64url');
  return `${PREFIX}.${body}.${checksum(body)}`;
}

/** Reads an invitation as people paste it: blanks and line breaks that a mail program put in do no harm. */
export function decodeInvitation(pasted: string): InvitationReading {
  const [prefix, body, check, ...rest] = pasted.replaceAll(/\s/g, '').split('.');
  if (prefix !== PREFIX)
    return {
      ok: false,
      reason: 'not_an_invitation',
      detail: `An invitation begins with “${PREFIX}.”; this text does not.`,
    };
  if (body === undefined || check === undefined || rest.length > 0 || check !== checksum(body))
    return {
      ok: false,
      reason: 'mistyped',
      detail: 'A letter of the invitation is wrong or missing. Copy the whole text again.',
    };
  const invitation = parseBody(body);
  if (invitation !== null) return { ok: true, invitation };
  return {
    ok: false,
    reason: 'not_supported',
    detail:
      'The invitation is of a form that this version does not know. Update the till’s software, or ask for another one.',
  };
}

function parseBody(body: string): Invitation | null {
  const bytes = decodeBase64Url(body);
  const json = bytes && decodeUtf8(bytes);
  const value = json === null ? null : parseJsonWithUniqueNames(json)?.value;
  if (!isJsonObject(value) || !invitationShape.accepts(value)) return null;
  const { addresses, caDigest, terminalId, secret } = value;
  return { addresses, caDigest, terminalId, secret };
}

function checksum(body: string): string {
  return createHash('sha256').update(`${PREFIX}.${body}`).digest('base64url').slice(0, CHECKSUM_LENGTH);
}
