import { type Fault, isAllowedText, type Problem, problem } from '@tax-control/protocol';
import {
  AUDIT_ACTIONS,
  type AuditTrailQuery,
  CONSOLE_LIMITS,
  isAccountName,
  normalName,
} from '@tax-control/protocol/console';

type Query = Readonly<Record<string, unknown>>;
/** What is asked of the trail; with `csv` all of it, not a page. */
export interface TrailRequest extends AuditTrailQuery {
  readonly format?: 'json' | 'csv';
}

type Reading = { readonly value: unknown } | { readonly fault: string };

const TEXT_LENGTH_MAX = 200;
/** Below 2^63. */
const TRAIL_ID = /^[1-9][0-9]{0,17}$/;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;

/** What each member of the query must be. */
export const TRAIL_MEMBERS: Readonly<Record<keyof TrailRequest, string>> = {
  official: 'must be the name of an account',
  format: 'must be json or csv',
  action: 'must be an action of the trail',
  subject: `must be text of at most ${TEXT_LENGTH_MAX} characters`,
  from: 'must be an RFC 3339 time with offset; entries from it on',
  to: 'must be an RFC 3339 time with offset; entries before it',
  before: 'must be `next` of a page',
  pageSize: `must be a whole number from 1 to ${CONSOLE_LIMITS.pageSizeMax}`,
};

/** How each member of the query is read; others are refused. */
const MEMBERS: Readonly<Record<keyof TrailRequest, (text: string) => Reading>> = {
  official: (text) =>
    isAccountName(normalName(text)) ? { value: normalName(text) } : { fault: TRAIL_MEMBERS.official },
  format: (text) => (text === 'json' || text === 'csv' ? { value: text } : { fault: TRAIL_MEMBERS.format }),
  action: (text) =>
    AUDIT_ACTIONS.some((action) => action === text) ? { value: text } : { fault: TRAIL_MEMBERS.action },
  subject: (text) =>
    text.length <= TEXT_LENGTH_MAX && isAllowedText(text) ? { value: text } : { fault: TRAIL_MEMBERS.subject },
  from: readInstant,
  to: readInstant,
  before: (text) => (TRAIL_ID.test(text) ? { value: text } : { fault: TRAIL_MEMBERS.before }),
  pageSize: (text) =>
    /^[1-9][0-9]{0,3}$/.test(text) && Number(text) <= CONSOLE_LIMITS.pageSizeMax
      ? { value: Number(text) }
      : { fault: TRAIL_MEMBERS.pageSize },
};

/** The query of the trail, or what is wrong with it. No fault quotes a value. */
export function readTrailQuery(query: Query): TrailRequest | Problem {
  const faults: Fault[] = [];
  const read: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(query)) {
    const reading = Object.hasOwn(MEMBERS, name)
      ? readMember(MEMBERS[name as keyof TrailRequest], text)
      : { fault: 'is not known' };
    if ('fault' in reading) faults.push({ pointer: `/${name.slice(0, TEXT_LENGTH_MAX)}`, detail: reading.fault });
    else read[name] = reading.value;
  }
  const { from, to } = read as AuditTrailQuery;
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to))
    faults.push({ pointer: '/to', detail: 'must be later than from' });
  return faults.length > 0 ? problem('invalid_request', { errors: faults.slice(0, FAULTS_MAX) }) : read;
}

const FAULTS_MAX = 10;

function readMember(read: (text: string) => Reading, text: unknown): Reading {
  return typeof text === 'string' && text !== '' ? read(text) : { fault: 'must be given once, with a value' };
}

function readInstant(text: string): Reading {
  return INSTANT.test(text) && !Number.isNaN(Date.parse(text))
    ? { value: new Date(text).toISOString() }
    : { fault: 'must be an RFC 3339 time with offset' };
}
