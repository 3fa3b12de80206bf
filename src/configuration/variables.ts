import { IsIn, Matches } from 'class-validator';
import { DatabaseUrl } from './database-url.js';
import { Host, Networks, Port, Required, says, Unset, WholeNumber } from './rules.js';

/**
 * The settings by the names they have in the environment, as texts; a value here is the default, an empty text means that there is
 * none. Units and reasons stand in .env.example, which a spec compares with these classes.
 */
export class DatabaseVariables {
  @DatabaseUrl()
  @Required('the address of the database, or DATABASE_URL_FILE with the name of a file that holds it')
  DATABASE_URL = '';

  @WholeNumber(2, 200)
  DATABASE_POOL_SIZE = '10';

  @WholeNumber(2, 100)
  DATABASE_REPORTS_POOL_SIZE = '5';

  @IsIn(['refuse', 'allow'], says('must be refuse or allow'))
  DATABASE_MIGRATED_FURTHER = 'refuse';

  @WholeNumber(100, 60_000)
  DATABASE_CONNECT_TIMEOUT_MS = '3000';

  @WholeNumber(100, 600_000)
  DATABASE_STATEMENT_TIMEOUT_MS = '10000';
}

export class KeysVariables {
  @Required('the folder that `tax-control keys init` made')
  KEYS_DIRECTORY = '';
}

export class EnrolmentVariables {
  @WholeNumber(1, 3_650)
  ENROLMENT_CERTIFICATE_DAYS = '365';

  @WholeNumber(0, 3_650)
  ENROLMENT_EXPIRED_DAYS = '90';

  @WholeNumber(1, 365)
  ENROLMENT_INVITATION_DAYS = '7';
}

export class RecoveryVariables {
  @Unset()
  @Matches(/^\//, says('must be the absolute path of a folder'))
  RECOVERY_LOG_DIRECTORY = '';
}

export class RetentionVariables {
  @WholeNumber(1, 100)
  CONTENT_RETENTION_YEARS = '10';

  @WholeNumber(1, 100)
  AUDIT_TRAIL_YEARS = '10';

  @WholeNumber(1, 100)
  BUYER_DATA_YEARS = '3';
}

export class ServerVariables {
  @Host() TERMINALS_HOST = '0.0.0.0';
  @Port() TERMINALS_PORT = '8443';
  @IsIn(['TLSv1.3', 'TLSv1.2'], says('must be TLSv1.3 or TLSv1.2'))
  TERMINALS_TLS_MINIMUM = 'TLSv1.3';

  @Host() PUBLIC_HOST = '0.0.0.0';
  @Port() PUBLIC_PORT = '9443';
  @Unset() @Required('a file in PEM') PUBLIC_CERTIFICATE_FILE = '';
  @Unset() @Required('a file in PEM') PUBLIC_KEY_FILE = '';

  @Unset() @Networks() PROXY_PROTOCOL_FROM = '';

  @Host() OPERATOR_HOST = '127.0.0.1';
  @Port() OPERATOR_PORT = '9090';

  @WholeNumber(100, 600_000)
  REQUEST_HEADERS_TIMEOUT_MS = '10000';

  @WholeNumber(100, 600_000)
  REQUEST_TIMEOUT_MS = '30000';

  @WholeNumber(1_000, 3_600_000)
  KEEP_ALIVE_TIMEOUT_MS = '75000';

  @WholeNumber(1, 100_000)
  TERMINAL_REQUESTS_PER_SECOND_MAX = '200';

  @WholeNumber(1, 500)
  ISSUANCE_LIST_INVOICES_MAX = '64';

  @WholeNumber(1, 32)
  ISSUANCE_LISTS_IN_FLIGHT_MAX = '2';

  @WholeNumber(1, 100_000)
  ISSUANCE_QUEUE_INVOICES_MAX = '2000';

  @WholeNumber(1_000, 60_000)
  ISSUANCE_ANSWER_TIMEOUT_MS = '3000';

  @WholeNumber(1, 64)
  READING_THREADS = '1';

  @IsIn(['error', 'warn', 'info', 'debug'], says('must be error, warn, info or debug'))
  LOG_LEVEL = 'info';
}

/** Settings whose value is a secret: `NAME_FILE` may name a file that holds it. None of them has a default. */
export const SECRETS = ['DATABASE_URL'] as const;
