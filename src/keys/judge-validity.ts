import type { KeyEntry, KeyKind } from './key-entries.js';

/** What its dates mean today. `daysLeft`: whole days until its end, negative after it. */
export interface Validity {
  readonly state: 'not_yet_valid' | 'expired' | 'ending' | 'valid';
  readonly daysLeft: number;
  readonly seen: string;
  readonly advice: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

interface KindOfCertificate {
  readonly name: string;
  /** Before the end, when somebody is to be told. */
  readonly warningDays: number;
  /** What no longer works after the end. */
  readonly consequence: string;
  readonly advice: string;
}

/** A letter to a web authority and its answer take a week or two; a month leaves room for a holiday. */
const LISTENER_WARNING_DAYS = 30;
/** A new authority must reach every till, those in shops that are closed for a season too, before the old one ends. */
const AUTHORITY_WARNING_DAYS = 365;

const KINDS: Readonly<Partial<Record<KeyKind, KindOfCertificate>>> = {
  authority: {
    name: 'the authority',
    warningDays: AUTHORITY_WARNING_DAYS,
    consequence: 'no till believes this server any more',
    advice: 'Make the next authority while tills still trust this one: docs/operating/rotate-keys.md',
  },
  signing_certificate: {
    name: 'the signing certificate',
    warningDays: AUTHORITY_WARNING_DAYS,
    consequence: 'tills no longer believe parameters and the server’s time',
    advice: 'Stage a new signing key, and activate it when the tills know it: docs/operating/rotate-keys.md',
  },
  terminal_listener: {
    name: 'the certificate of the terminals’ listener',
    warningDays: LISTENER_WARNING_DAYS,
    consequence: 'every till is offline',
    advice:
      'A server makes another one every day. Look at its log and its clock, and restart it: it makes one at its start.',
  },
  public_listener: {
    name: 'the web certificate of the public listener',
    warningDays: LISTENER_WARNING_DAYS,
    consequence: 'customers and officials are warned by their browsers, or turned away; tills are not affected',
    advice: 'Have it renewed by who issued it, and put it where PUBLIC_CERTIFICATE_FILE and PUBLIC_KEY_FILE say.',
  },
};

/** Judges what is in use or will be; null for what has no dates, and for what nothing depends on any more. */
export function judgeValidity({ kind, use, notBefore, notAfter }: KeyEntry, now: Date): Validity | null {
  const about = KINDS[kind];
  if (about === undefined || use === 'earlier' || notBefore === null || notAfter === null) return null;
  const name = use === 'staged' ? `${about.name} (staged)` : about.name;
  const daysLeft = Math.floor((Date.parse(notAfter) - now.getTime()) / DAY_MS);
  const until = notAfter.slice(0, 'YYYY-MM-DD'.length);
  if (now < new Date(notBefore))
    return {
      state: 'not_yet_valid',
      daysLeft,
      seen: `${capitalised(name)} is valid from ${notBefore} only.`,
      advice: 'If that is no mistake, the clock of this machine is behind: let NTP set it. Otherwise issue another.',
    };
  if (daysLeft < 0)
    return {
      state: 'expired',
      daysLeft,
      seen: `${capitalised(name)} expired on ${until}: ${about.consequence}.`,
      advice: `${about.advice} (If the date is yet to come, the clock of this machine is ahead.)`,
    };
  if (daysLeft <= about.warningDays)
    return {
      state: 'ending',
      daysLeft,
      seen: `${capitalised(name)} ends on ${until}, in ${daysLeft} days; then ${about.consequence}.`,
      advice: about.advice,
    };
  return {
    state: 'valid',
    daysLeft,
    seen: `${capitalised(name)} is valid until ${until}, ${daysLeft} days.`,
    advice: '',
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
