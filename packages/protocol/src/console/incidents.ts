/** What the failures of an incident have in common; docs/incidents.md says how each is told from the others. */
export const INCIDENT_KINDS = ['terminal', 'premises', 'taxpayer', 'region', 'server', 'certificate'] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

/** Failures that began close together. `value` is per currency: sums of sales stored meanwhile, smallest unit, decimal string. */
export interface Incident {
  readonly incidentId: string;
  readonly kind: IncidentKind;
  /** Terminal, premises, taxpayer, region or certificate thumbprint that names it; null for the server. */
  readonly subject: string | null;
  readonly subjectName: string | null;
  readonly cause: string;
  readonly start: string;
  /** The first answer after the last failure; null while it lasts. */
  readonly end: string | null;
  /** The last failure: between it and `end` nothing was tried, so it lasted at least until then. */
  readonly lastFailure: string;
  readonly terminals: number;
  /** The first of them, at most `INCIDENT_TERMINALS_SHOWN`; all of them on the incident's own page. */
  readonly terminalIds: readonly string[];
  readonly failures: number;
  readonly invoicesStored: number;
  readonly value: readonly { readonly currency: string; readonly total: string }[];
  /** When the last invoice stored meanwhile had its code; null while some wait. */
  readonly drainedAt: string | null;
  /** From the end of the incident; null while some wait. */
  readonly drainMs: number | null;
  readonly plannedOutageId: string | null;
}

export const INCIDENT_TERMINALS_SHOWN = 20;

/** `GET /v1/console/incidents/:incidentId`. */
export interface IncidentPage extends Incident {
  readonly allTerminals: readonly {
    readonly terminalId: string;
    readonly premisesId: string;
    readonly premisesName: string;
    readonly region: string;
    readonly start: string;
    readonly end: string | null;
    readonly failures: number;
    readonly invoicesStored: number;
  }[];
  readonly reason: IncidentReason;
}

/** By which part of the rule an incident was named. */
export const INCIDENT_REASONS = [
  'certificate_alone',
  'certificate',
  'alone',
  'premises',
  'taxpayer',
  'region',
  'server',
] as const;

/** Why the rule named it so, in figures; `failing` and `inUse` count terminals of what it is named by. */
export interface IncidentReason {
  readonly rule: (typeof INCIDENT_REASONS)[number];
  readonly failing: number;
  readonly inUse: number;
  readonly failingTaxpayers: number;
  readonly taxpayersInUse: number;
  /** Failures that begin so close together count as one. */
  readonly togetherMinutes: number;
}

/** Whom a planned outage concerns; an absent or null id means everybody. */
export interface PlannedOutageDraft {
  readonly start: string;
  readonly end: string;
  readonly scope: 'all' | 'region' | 'taxpayer' | 'premises' | 'terminal';
  readonly scopeId: string | null;
  readonly reason: string;
}

export interface PlannedOutage extends PlannedOutageDraft {
  readonly plannedOutageId: string;
  readonly declaredBy: string;
  readonly declaredAt: string;
  readonly withdrawnAt: string | null;
}
