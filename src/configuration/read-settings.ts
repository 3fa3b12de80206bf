import { type Environment, readVariables } from './read-variables.js';
import { withFullVerification } from './database-url.js';
import { networksIn } from './networks.js';
import { checkRelations } from './relations.js';
import type {
  DatabaseSettings,
  EnrolmentSettings,
  KeysSettings,
  ListenerSettings,
  LogLevel,
  RecoverySettings,
  RetentionSettings,
  Settings,
  TlsVersion,
} from './settings.js';
import { type BrokenRule, SettingsError } from './settings-error.js';
import {
  DatabaseVariables,
  EnrolmentVariables,
  KeysVariables,
  RecoveryVariables,
  RetentionVariables,
  SECRETS,
  ServerVariables,
} from './variables.js';

type PublicCertificate = ListenerSettings['public']['certificate'];

/**
 * The server's settings, from the environment (this folder is the only reader of it).
 * @throws SettingsError naming every setting that breaks a rule, of all parts at once
 */
export function readSettings(environment: Environment = process.env): Settings {
  const brokenRules: BrokenRule[] = [];
  const collect = <Part>(read: () => Part): Part | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      brokenRules.push(...error.brokenRules);
      return undefined;
    }
  };
  const database = collect(() => readDatabaseSettings(environment));
  const keys = collect(() => readKeysSettings(environment));
  const enrolment = collect(() => readEnrolmentSettings(environment));
  const recovery = collect(() => readRecoverySettings(environment));
  const retention = collect(() => readRetentionSettings(environment));
  const server = collect(() => readVariables(environment, ServerVariables, SECRETS));
  if (
    database === undefined ||
    keys === undefined ||
    enrolment === undefined ||
    recovery === undefined ||
    retention === undefined ||
    server === undefined
  )
    throw new SettingsError(brokenRules);

  const settings: Settings = {
    database,
    keys,
    enrolment,
    recovery,
    retention,
    listeners: listenersOf(server),
    issuance: {
      listInvoicesMax: Number(server.ISSUANCE_LIST_INVOICES_MAX),
      listsInFlightMax: Number(server.ISSUANCE_LISTS_IN_FLIGHT_MAX),
      queueInvoicesMax: Number(server.ISSUANCE_QUEUE_INVOICES_MAX),
      answerMs: Number(server.ISSUANCE_ANSWER_TIMEOUT_MS),
      readingThreads: Number(server.READING_THREADS),
    },
    limits: {
      requestHeadersTimeoutMs: Number(server.REQUEST_HEADERS_TIMEOUT_MS),
      requestTimeoutMs: Number(server.REQUEST_TIMEOUT_MS),
      keepAliveTimeoutMs: Number(server.KEEP_ALIVE_TIMEOUT_MS),
    },
    authentication: { terminalRequestsPerSecondMax: Number(server.TERMINAL_REQUESTS_PER_SECOND_MAX) },
    log: { level: server.LOG_LEVEL as LogLevel },
  };
  const brokenRelations = checkRelations(settings, server);
  if (brokenRelations.length > 0) throw new SettingsError(brokenRelations);
  return freeze(settings);
}

/** What every command needs that works on the database. */
export function readDatabaseSettings(environment: Environment = process.env): DatabaseSettings {
  const variables = readVariables(environment, DatabaseVariables, SECRETS);
  return Object.freeze({
    url: withFullVerification(variables.DATABASE_URL),
    poolSize: Number(variables.DATABASE_POOL_SIZE),
    reportsPoolSize: Number(variables.DATABASE_REPORTS_POOL_SIZE),
    migratedFurther: variables.DATABASE_MIGRATED_FURTHER as DatabaseSettings['migratedFurther'],
    connectTimeoutMs: Number(variables.DATABASE_CONNECT_TIMEOUT_MS),
    statementTimeoutMs: Number(variables.DATABASE_STATEMENT_TIMEOUT_MS),
  });
}

/** What every command needs that works with keys. */
export function readKeysSettings(environment: Environment = process.env): KeysSettings {
  return Object.freeze({ directory: readVariables(environment, KeysVariables, SECRETS).KEYS_DIRECTORY });
}

/** The web certificate that the public listener shows in place of the one in the keys directory; null: that one. */
export function readPublicCertificate(environment: Environment = process.env): PublicCertificate {
  return publicCertificateOf(readVariables(environment, ServerVariables, SECRETS));
}

/** How long what is kept. */
export function readRetentionSettings(environment: Environment = process.env): RetentionSettings {
  const variables = readVariables(environment, RetentionVariables, SECRETS);
  return Object.freeze({
    contentYears: Number(variables.CONTENT_RETENTION_YEARS),
    auditTrailYears: Number(variables.AUDIT_TRAIL_YEARS),
    buyerDataYears: Number(variables.BUYER_DATA_YEARS),
  });
}

/** How long what the registry hands out is valid. */
export function readEnrolmentSettings(environment: Environment = process.env): EnrolmentSettings {
  const variables = readVariables(environment, EnrolmentVariables, SECRETS);
  return Object.freeze({
    certificateDays: Number(variables.ENROLMENT_CERTIFICATE_DAYS),
    expiredDaysMax: Number(variables.ENROLMENT_EXPIRED_DAYS),
    invitationDays: Number(variables.ENROLMENT_INVITATION_DAYS),
  });
}

/** Where to write down what a restored database must be told again. */
export function readRecoverySettings(environment: Environment = process.env): RecoverySettings {
  const directory = readVariables(environment, RecoveryVariables, SECRETS).RECOVERY_LOG_DIRECTORY;
  return Object.freeze({ logDirectory: directory === '' ? null : directory });
}

function listenersOf(server: ServerVariables): ListenerSettings {
  return {
    terminals: {
      host: server.TERMINALS_HOST,
      port: Number(server.TERMINALS_PORT),
      tlsMinimum: server.TERMINALS_TLS_MINIMUM as TlsVersion,
    },
    public: {
      host: server.PUBLIC_HOST,
      port: Number(server.PUBLIC_PORT),
      certificate: publicCertificateOf(server),
    },
    operator: { host: server.OPERATOR_HOST, port: Number(server.OPERATOR_PORT) },
    proxyProtocolFrom: networksIn(server.PROXY_PROTOCOL_FROM),
  };
}

function publicCertificateOf({ PUBLIC_CERTIFICATE_FILE, PUBLIC_KEY_FILE }: ServerVariables): PublicCertificate {
  if (PUBLIC_CERTIFICATE_FILE === '' || PUBLIC_KEY_FILE === '') return null;
  return { certificateFile: PUBLIC_CERTIFICATE_FILE, keyFile: PUBLIC_KEY_FILE };
}

function freeze<Value extends object>(value: Value): Value {
  for (const member of Object.values(value) as unknown[])
    if (typeof member === 'object' && member !== null) freeze(member);
  return Object.freeze(value);
}
