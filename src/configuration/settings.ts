/** How to reach Postgres. `url` is a secret. */
export interface DatabaseSettings {
  readonly url: string;
  /** Connections of this process for what tills wait for. */
  readonly poolSize: number;
  /** Further ones for the console, statistics and customers' pages. */
  readonly reportsPoolSize: number;
  /** Whether to start on a database that a later version migrated. */
  readonly migratedFurther: 'refuse' | 'allow';
  readonly connectTimeoutMs: number;
  readonly statementTimeoutMs: number;
}

export interface KeysSettings {
  /** Folder made by `tax-control keys init`. */
  readonly directory: string;
}

export interface EnrolmentSettings {
  readonly certificateDays: number;
  /** Days after its end for which a certificate still renews, reissues and fetches. */
  readonly expiredDaysMax: number;
  readonly invitationDays: number;
}

export interface RecoverySettings {
  /** Folder outside the database for what a restored one must be told again; null: nothing is written down. */
  readonly logDirectory: string | null;
}

/** For how many years what is kept. Content and audit trail go by command; a buyer's data are not shown any more. */
export interface RetentionSettings {
  readonly contentYears: number;
  readonly auditTrailYears: number;
  readonly buyerDataYears: number;
}

/** Where one listener listens; port 0 lets the operating system choose. */
export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
}

export type TlsVersion = 'TLSv1.3' | 'TLSv1.2';

export interface ListenerSettings {
  readonly terminals: ListenerAddress & { readonly tlsMinimum: TlsVersion };
  /** `certificate`: PEM files of a web certificate; null: the one in the keys' folder, for trying out. */
  readonly public: ListenerAddress & {
    readonly certificate: { readonly certificateFile: string; readonly keyFile: string } | null;
  };
  readonly operator: ListenerAddress;
  /** Networks (CIDR) of balancers that begin each connection with a PROXY protocol header; none: nobody does. */
  readonly proxyProtocolFrom: readonly string[];
}

/** Bounds of reading and of the group commit: see src/issuance. */
export interface IssuanceSettings {
  readonly listInvoicesMax: number;
  readonly listsInFlightMax: number;
  readonly queueInvoicesMax: number;
  /** How long a sale may wait in the database. */
  readonly answerMs: number;
  /** Threads in which invoices are read. */
  readonly readingThreads: number;
}

/** How long the listeners wait for what a client sends. */
export interface LimitSettings {
  readonly requestHeadersTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly keepAliveTimeoutMs: number;
}

export interface AuthenticationSettings {
  /** Of one terminal at one instance, on average. */
  readonly terminalRequestsPerSecondMax: number;
}

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/**
 * All settings of the server, read once and frozen. It is a class only so that Nest can inject it by name:
 * `constructor(private readonly settings: Settings)`.
 */
export abstract class Settings {
  abstract readonly database: DatabaseSettings;
  abstract readonly keys: KeysSettings;
  abstract readonly enrolment: EnrolmentSettings;
  abstract readonly recovery: RecoverySettings;
  abstract readonly retention: RetentionSettings;
  abstract readonly listeners: ListenerSettings;
  abstract readonly issuance: IssuanceSettings;
  abstract readonly limits: LimitSettings;
  abstract readonly authentication: AuthenticationSettings;
  abstract readonly log: { readonly level: LogLevel };
}
