/**
 * What a restored database must be told again, because it happened after the backup. Times are RFC 3339, digests base64url without
 * padding; nothing in an entry is a secret (an invitation's secret is 192 random bits, of which only the SHA-256 is here).
 */
export type RecoveryEntry =
  | {
      readonly kind: 'terminal_registered';
      readonly at: string;
      readonly terminalId: string;
      readonly premisesId: string;
    }
  | {
      readonly kind: 'terminal_status';
      /** Of the database's clock, like the terminal's own `statusChangedAt`: the two are compared. */
      readonly at: string;
      readonly terminalId: string;
      readonly status: string;
      readonly reason: string | null;
    }
  | {
      readonly kind: 'certificate_issued';
      readonly at: string;
      readonly terminalId: string;
      readonly thumbprint: string;
      readonly serial: string;
      /** DER in base64. */
      readonly certificate: string;
      readonly notBefore: string;
      readonly notAfter: string;
      readonly way: string;
      readonly parent: string | null;
      readonly callerAddress: string | null;
    }
  | {
      readonly kind: 'certificate_revoked';
      readonly at: string;
      readonly terminalId: string;
      readonly thumbprint: string;
      readonly reason: string;
    }
  | {
      readonly kind: 'invitation_made';
      readonly at: string;
      readonly terminalId: string;
      readonly secretDigest: string;
      readonly expiresAt: string;
    }
  | {
      readonly kind: 'invitation_used';
      readonly at: string;
      readonly terminalId: string;
      readonly secretDigest: string;
      readonly keyDigest: string;
      readonly thumbprint: string;
    }
  | { readonly kind: 'invitations_withdrawn'; readonly at: string; readonly terminalId: string }
  /** Numbers up to this one may have been given: a database that has not come so far is an older copy. */
  | { readonly kind: 'numbers_given'; readonly at: string; readonly number: number };

export type RecoveryEntryKind = RecoveryEntry['kind'];

/** Entries of one kind. */
export type EntryOf<Kind extends RecoveryEntryKind> = Extract<RecoveryEntry, { readonly kind: Kind }>;

type Member = 'text' | 'time' | 'number' | 'text or null';

const MEMBERS: {
  readonly [Kind in RecoveryEntryKind]: Readonly<Record<Exclude<keyof EntryOf<Kind>, 'kind'>, Member>>;
} = {
  terminal_registered: { at: 'time', terminalId: 'text', premisesId: 'text' },
  terminal_status: { at: 'time', terminalId: 'text', status: 'text', reason: 'text or null' },
  certificate_issued: {
    at: 'time',
    terminalId: 'text',
    thumbprint: 'text',
    serial: 'text',
    certificate: 'text',
    notBefore: 'time',
    notAfter: 'time',
    way: 'text',
    parent: 'text or null',
    callerAddress: 'text or null',
  },
  certificate_revoked: { at: 'time', terminalId: 'text', thumbprint: 'text', reason: 'text' },
  invitation_made: { at: 'time', terminalId: 'text', secretDigest: 'text', expiresAt: 'time' },
  invitation_used: { at: 'time', terminalId: 'text', secretDigest: 'text', keyDigest: 'text', thumbprint: 'text' },
  invitations_withdrawn: { at: 'time', terminalId: 'text' },
  numbers_given: { at: 'time', number: 'number' },
};

/** Reads one line; null when it is not an entry, like one that was being written when the power went. */
export function parseEntry(line: string): RecoveryEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  return isEntry(value) ? value : null;
}

function isEntry(value: unknown): value is RecoveryEntry {
  if (typeof value !== 'object' || value === null || !('kind' in value) || typeof value.kind !== 'string') return false;
  if (!Object.hasOwn(MEMBERS, value.kind)) return false;
  const members = new Map(Object.entries(value));
  return Object.entries(MEMBERS[value.kind as RecoveryEntryKind]).every(([name, member]) =>
    fits(members.get(name), member),
  );
}

function fits(value: unknown, member: Member): boolean {
  if (member === 'number') return Number.isSafeInteger(value);
  if (value === null) return member === 'text or null';
  return typeof value === 'string' && (member !== 'time' || Number.isFinite(Date.parse(value)));
}
