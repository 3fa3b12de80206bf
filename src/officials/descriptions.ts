import { OFFICIAL_ROLES, PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from '@tax-control/protocol/console';
import type { Schema } from '../http/documentation/describe.js';

export const TEXT: Schema = { type: 'string' };
export const TIME: Schema = { type: 'string', format: 'date-time' };
const TIME_OR_NULL: Schema = { type: ['string', 'null'], format: 'date-time' };
export const TEXT_OR_NULL: Schema = { type: ['string', 'null'] };
const NUMBER: Schema = { type: 'integer' };
const TRUTH: Schema = { type: 'boolean' };
const ROLES: Schema = { type: 'array', minItems: 1, uniqueItems: true, items: { enum: [...OFFICIAL_ROLES] } };
const NAMES: Schema = { type: 'array', minItems: 1, uniqueItems: true, items: TEXT };
const VIEW: Schema = {
  oneOf: [
    closed({ kind: { const: 'all' } }),
    closed({ kind: { const: 'regions' }, regions: NAMES }),
    closed({ kind: { const: 'taxpayers' }, taxpayerIds: NAMES }),
  ],
};

export function closed(properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', additionalProperties: false, required, properties };
}

/** What the documentation says of the shapes of `@tax-control/protocol/console`, officials.ts. */
export const SIGN_IN = closed({ name: TEXT, password: TEXT });

export const CURRENT_SESSION = closed({
  name: TEXT,
  fullName: TEXT,
  roles: ROLES,
  view: VIEW,
  environment: { enum: ['production', 'test'] },
  csrfToken: TEXT,
  passwordChangeRequired: TRUTH,
  expiresAt: TIME,
  idleMsMax: NUMBER,
});

export const PASSWORD_CHANGE = closed({
  presentPassword: TEXT,
  newPassword: { type: 'string', minLength: PASSWORD_LENGTH_MIN, maxLength: PASSWORD_LENGTH_MAX },
});

export const SESSION_ROW = closed({
  sessionId: { type: 'string', format: 'uuid' },
  startedAt: TIME,
  lastSeenAt: TIME,
  expiresAt: TIME,
  remoteAddress: TEXT,
  userAgent: TEXT_OR_NULL,
  current: TRUTH,
});

export const OFFICIAL_ROW = closed({
  name: TEXT,
  fullName: TEXT,
  roles: ROLES,
  view: VIEW,
  createdAt: TIME,
  lastSignInAt: TIME_OR_NULL,
  disabledAt: TIME_OR_NULL,
  temporaryPasswordUntil: TIME_OR_NULL,
  delayedUntil: TIME_OR_NULL,
  sessions: NUMBER,
});

export const OFFICIAL_DRAFT = closed({ name: TEXT, fullName: TEXT, roles: ROLES, view: VIEW });

export const OFFICIAL_WITH_PASSWORD = closed({ official: OFFICIAL_ROW, temporaryPassword: TEXT });

const CHANGE = { fullName: TEXT, roles: ROLES, view: VIEW, disabled: TRUTH };
export const OFFICIAL_CHANGE = closed(CHANGE, Object.keys(CHANGE));

/** A list without pages. */
export function itemsOf(item: Schema): Schema {
  return closed({ items: { type: 'array', items: item } });
}

/** The answer to what is done and says nothing. */
export const DONE = { description: 'It is done.', schema: closed({}) };
