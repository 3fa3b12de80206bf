import type { Settings } from './settings.js';
import type { BrokenRule } from './settings-error.js';
import type { ServerVariables } from './variables.js';

/** Connections that must be left for look-ups while every list of the group commit holds one: authentication, the late door. */
const CONNECTIONS_BESIDE_LISTS_MIN = 2;

interface Relation {
  readonly name: string;
  readonly rule: string;
  readonly holds: (settings: Settings, server: ServerVariables) => boolean;
}

const RELATIONS: readonly Relation[] = [
  {
    name: 'REQUEST_HEADERS_TIMEOUT_MS',
    rule: 'must not be above REQUEST_TIMEOUT_MS, which covers headers and body',
    holds: ({ limits }) => limits.requestHeadersTimeoutMs <= limits.requestTimeoutMs,
  },
  {
    name: 'DATABASE_POOL_SIZE',
    rule: `must be at least ISSUANCE_LISTS_IN_FLIGHT_MAX + ${CONNECTIONS_BESIDE_LISTS_MIN}, or nobody could be authenticated while lists are committed`,
    holds: ({ database, issuance }) => database.poolSize >= issuance.listsInFlightMax + CONNECTIONS_BESIDE_LISTS_MIN,
  },
  {
    name: 'ISSUANCE_QUEUE_INVOICES_MAX',
    rule: 'must be at least ISSUANCE_LIST_INVOICES_MAX, or no list could ever be full',
    holds: ({ issuance }) => issuance.queueInvoicesMax >= issuance.listInvoicesMax,
  },
  {
    name: 'PUBLIC_CERTIFICATE_FILE',
    rule: 'must be set together with PUBLIC_KEY_FILE, or neither of them',
    holds: (_settings, server) => (server.PUBLIC_CERTIFICATE_FILE === '') === (server.PUBLIC_KEY_FILE === ''),
  },
  {
    name: 'TERMINALS_PORT',
    rule: 'must not be the port of another listener (PUBLIC_PORT, OPERATOR_PORT)',
    holds: ({ listeners }) => {
      const ports = [listeners.terminals.port, listeners.public.port, listeners.operator.port].filter(Boolean);
      return new Set(ports).size === ports.length;
    },
  },
];

/** Rules between settings, each of which may be valid by itself. */
export function checkRelations(settings: Settings, server: ServerVariables): BrokenRule[] {
  return RELATIONS.filter(({ holds }) => !holds(settings, server)).map(({ name, rule }) => ({ name, rule }));
}
