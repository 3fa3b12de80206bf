/** official: reads; operator: administers tills too; administrator: users too; supervisor: reads the audit trail. */
export const OFFICIAL_ROLES = ['official', 'operator', 'administrator', 'supervisor'] as const;
export type OfficialRole = (typeof OFFICIAL_ROLES)[number];

/** What an official may see; nothing else is in any answer, count or sum. */
export type OfficialView =
  | { readonly kind: 'all' }
  | { readonly kind: 'regions'; readonly regions: readonly string[] }
  | { readonly kind: 'taxpayers'; readonly taxpayerIds: readonly string[] };

export interface OfficialRow {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
  readonly createdAt: string;
  readonly lastSignInAt: string | null;
  readonly disabledAt: string | null;
  /** Locked out after wrong passwords until then. */
  readonly lockedUntil: string | null;
}

/** `POST /v1/console/officials`. */
export interface OfficialDraft {
  readonly name: string;
  readonly fullName: string;
  readonly password: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
}

/** `POST /v1/console/officials/:name/changes`; absent members stay. */
export interface OfficialChange {
  readonly fullName?: string;
  readonly password?: string;
  readonly roles?: readonly OfficialRole[];
  readonly view?: OfficialView;
  readonly disabled?: boolean;
}

/** `POST /v1/console/sessions` (sign-in). */
export interface SignIn {
  readonly name: string;
  readonly password: string;
}

/** `GET /v1/console/session`, and the answer to a sign-in. `csrfToken` goes as header `csrf-token` with every request that changes or looks up. */
export interface CurrentSession {
  readonly name: string;
  readonly fullName: string;
  readonly roles: readonly OfficialRole[];
  readonly view: OfficialView;
  readonly environment: 'production' | 'test';
  readonly csrfToken: string;
  readonly expiresAt: string;
}

/** `GET /v1/console/sessions`: one's own, or everybody's for administrators. */
export interface SessionRow {
  readonly sessionId: string;
  readonly name: string;
  readonly startedAt: string;
  readonly lastSeenAt: string;
  readonly expiresAt: string;
  readonly remoteAddress: string | null;
  readonly userAgent: string | null;
  readonly current: boolean;
}

/** `GET /v1/console/audit-trail` (from, to, official, action, page), newest first. */
export interface AuditTrailRow {
  readonly trailId: string;
  readonly at: string;
  /** Null: nobody was signed in, as with a failed sign-in of a name that does not exist. */
  readonly official: string | null;
  readonly action: string;
  readonly subject: string | null;
  readonly reason: string | null;
  /** Names and figures, never secrets. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly remoteAddress: string | null;
  readonly requestId: string | null;
}
