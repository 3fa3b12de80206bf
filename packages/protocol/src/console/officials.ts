/** official: reads; operator: administers tills too; administrator: accounts too; supervisor: reads, and the audit trail too. */
export const OFFICIAL_ROLES = ['official', 'operator', 'administrator', 'supervisor'] as const;
export type OfficialRole = (typeof OFFICIAL_ROLES)[number];

/** What an official may see; nothing else is in any answer, count or sum. Administrators and supervisors see all. */
export type OfficialView =
  | { readonly kind: 'all' }
  | { readonly kind: 'regions'; readonly regions: readonly string[] }
  | { readonly kind: 'taxpayers'; readonly taxpayerIds: readonly string[] };

/** Lengths in characters; NIST SP 800-63B, 3.1.1.2: long ones are welcome, no rule says which characters. */
export const PASSWORD_LENGTH_MIN = 12;
export const PASSWORD_LENGTH_MAX = 256;

/** Header that bears `CurrentSession.csrfToken` with every method but GET and HEAD. */
export const CSRF_TOKEN_HEADER = 'csrf-token';

/** `POST /v1/console/session` (sign-in). */
export interface SignIn {
  readonly name: string;
  readonly password: string;
}

/**
 * Who is signed in: `GET /v1/console/session`, and the answer to a sign-in and to a changed password.
 * @property passwordChangeRequired the password is a temporary one: everything but setting another is refused
 * @property expiresAt the session's end, however busy it is; unused for `idleMsMax` it ends sooner
 */
export interface CurrentSession {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
  readonly environment: 'production' | 'test';
  readonly csrfToken: string;
  readonly passwordChangeRequired: boolean;
  readonly expiresAt: string;
  readonly idleMsMax: number;
}

/** `PUT /v1/console/password`. Ends the account's other sessions; the answer is the {@link CurrentSession} of a new one. */
export interface PasswordChange {
  readonly presentPassword: string;
  readonly newPassword: string;
}

/** One's own sessions, newest first: `GET /v1/console/sessions`. `DELETE` ends all of them, `/v1/console/sessions/:sessionId` one. */
export interface SessionRow {
  readonly sessionId: string;
  readonly startedAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  readonly remoteAddress: string;
  readonly userAgent: string | null;
  readonly current: boolean;
}

/** One account, for administrators: `GET /v1/console/officials` (all, by name), `GET /v1/console/officials/:name`. */
export interface OfficialRow {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
  readonly disabledAt: string | null;
  /** Until then a temporary password is valid; null: the official has set one. */
  readonly temporaryPasswordUntil: string | null;
  /** No try to sign in is taken before then, after wrong passwords. */
  readonly delayedUntil: string | null;
  readonly sessions: number;
}

/** `POST /v1/console/officials`; the name is lower-cased, and for ever. */
export interface OfficialDraft {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
}

/** The answer to adding an account, and to `POST /v1/console/officials/:name/password` (reset): shown once, told to nobody else. */
export interface OfficialWithPassword {
  readonly official: OfficialRow;
  readonly temporaryPassword: string;
}

/** `POST /v1/console/officials/:name/changes`; absent members stay. `DELETE /v1/console/officials/:name/sessions` ends all sessions. */
export interface OfficialChange {
  readonly fullName?: string;
  readonly roles?: readonly OfficialRole[];
  readonly view?: OfficialView;
  readonly disabled?: boolean;
}

/**
 * What of the trail is wanted: `GET /v1/console/audit-trail` (official, action, subject, from, to, before, pageSize), for supervisors.
 * @property before the `trailId` of the last row seen: the page goes on behind it
 */
export interface AuditTrailQuery {
  readonly official?: string;
  readonly action?: string;
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
  readonly before?: string;
  readonly pageSize?: number;
}

/** A page of the trail, newest first. */
export interface AuditTrailPage {
  readonly items: readonly AuditTrailRow[];
  /** `before` of the next page; null: this was the last. */
  readonly next: string | null;
}

export interface AuditTrailRow {
  /** Decimal string; a later entry has a larger number. */
  readonly trailId: string;
  readonly at: string;
  /** Null: nobody was signed in (a refused sign-in of a name that does not exist), or it was done by command. */
  readonly official: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly reason: string | null;
  /** Names and figures, never secrets. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly remoteAddress: string | null;
  readonly requestId: string | null;
}
