import type { ProblemCode, TaxRate } from '@tax-control/protocol';
import type {
  AuditAction,
  AuditTrailQuery,
  CertificateWay,
  DisputeDecision,
  OfficialRole,
  OfficialView,
  ParametersSettings,
  PlannedOutageDraft,
  ReceiptProof,
  ReportStateRequest,
  SignalMarkRequest,
  TerminalStatusName,
} from '@tax-control/protocol/console';

type Nothing = Readonly<Record<string, never>>;

/**
 * The facts of each action: one shape for every actor and every door. Times are RFC 3339. A fact is a name or a figure, never a
 * secret. What the subject says is not said again.
 */
export interface AuditFacts {
  'session.begun': { readonly sessionId: string };
  'session.refused': { readonly cause: 'name' | 'password' | 'disabled' | 'temporary_password_expired' };
  /** `sessionId` null: all sessions of the account. `isOwn`: the session that asked is among them. */
  'session.ended': { readonly sessions: number; readonly sessionId: string | null; readonly isOwn: boolean };
  'password.changed': Nothing;

  'official.added': { readonly roles: readonly OfficialRole[]; readonly view: OfficialView };
  /** What is different from before. */
  'official.changed': {
    readonly fullName?: string;
    readonly roles?: readonly OfficialRole[];
    readonly view?: OfficialView;
  };
  /** `sessions`: how many of the account ended with it. */
  'official.disabled': { readonly sessions: number };
  'official.enabled': Nothing;
  'official.reset': { readonly sessions: number };
  'official.sessions_ended': { readonly sessions: number };
  'audit_trail.read': Omit<AuditTrailQuery, 'before' | 'pageSize'>;

  'invoices.searched': { readonly sought: object };
  'invoice.viewed': Nothing;
  'terminal.viewed': Nothing;
  'journal.viewed': { readonly handedId: number };
  'evidence.made': { readonly from: string; readonly to: string; readonly zone: string; readonly invoices: number };
  'csv.exported': { readonly query: object };

  'taxpayer.added': { readonly name: string };
  'taxpayer.changed': { readonly name: string };
  'premises.added': AuditedPremises & { readonly taxpayerId: string };
  /** As they are from now on. */
  'premises.changed': AuditedPremises;
  /** `source`: name of the file of an import; null: the terminal was registered alone. */
  'terminal.registered': { readonly premisesId: string; readonly source: string | null };
  'terminal.invited': { readonly expiresAt: string };
  'terminal.status_changed': { readonly from: TerminalStatusName; readonly to: TerminalStatusName };
  'terminal.excused': Nothing;
  /** `thumbprint`: the certificate that was named; `revoked`: all that were in force and are so no more, it first. */
  'certificate.revoked': { readonly thumbprint: string; readonly revoked: readonly string[] };
  'certificate.issued': {
    readonly thumbprint: string;
    readonly way: CertificateWay;
    readonly parent: string | null;
    readonly notAfter: string;
  };
  'certificate.shown_again': { readonly thumbprint: string; readonly revokedAt: string | null };
  /** `changes`: the new value of each setting that is different; of zones, limits and roundings the entries alone, null for one taken away. */
  'parameters.published': { readonly changes: { readonly [Setting in keyof ParametersSettings]?: unknown } };
  /** `ended`: the rate before it, which it ends. `version`: of the parameters; null while none are published. */
  'tax_rate.added': { readonly taxRate: TaxRate; readonly ended: TaxRate | null; readonly version: number | null };
  /** `taxRate`: the one taken back. `reopened`: the rate before it, which goes on. */
  'tax_rate.removed': { readonly taxRate: TaxRate; readonly reopened: TaxRate | null; readonly version: number | null };

  'database.recovered': { readonly why: string; readonly highestNumber: number; readonly nextNumber: number };
  'journal.handed_in': {
    readonly handedId: number;
    /** SHA-256 of the file, hexadecimal. */
    readonly file: string;
    readonly invoices: number;
    readonly findings: number;
  };
  'receipt.taken_in': { readonly code: string; readonly knownBy: ReceiptProof };
  'receipt.refused': { readonly code: string | null; readonly problem: ProblemCode; readonly isCheck: boolean };
  'dispute.settled': { readonly code: string; readonly codeOnFile: string; readonly stands: DisputeDecision };

  'planned_outage.declared': Omit<PlannedOutageDraft, 'reason'>;
  'planned_outage.withdrawn': Nothing;
  'closing.declared': { readonly closingId: string; readonly start: string; readonly end: string };
  'closing.withdrawn': { readonly closingId: string };
  'signal.marked': SignalMarkRequest;
  'report.handled': ReportStateRequest;

  /** `dropped`: months, or tables detached earlier, whose content cannot be put back. */
  'content.removed': {
    readonly invoices: number;
    readonly held: number;
    readonly refusedInvoices: number;
    readonly dropped: readonly string[];
  };
  'audit_trail.cut': { readonly entries: number };
  'hold.placed': { readonly holdId: string };
  'hold.released': { readonly holdId: string };
}

/** What is kept of premises beside whose they are. */
interface AuditedPremises {
  readonly name: string;
  readonly region: string;
  readonly activity: string;
  readonly address: string;
}

/**
 * One act.
 * @property subject whom or what it concerned, by id: a terminal, a taxpayer, an official's name
 * @property reason as somebody gave it
 */
export type AuditedAct = {
  readonly [Action in AuditAction]: {
    readonly action: Action;
    readonly subject?: string;
    readonly reason?: string | null;
    readonly facts: AuditFacts[Action];
  };
}[AuditAction];
