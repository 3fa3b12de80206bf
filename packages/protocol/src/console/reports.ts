/** `GET /v1/console/reports`: what customers reported from the page behind a receipt's QR. Texts are a stranger's: show, never interpret. */
export interface CustomerReport {
  readonly reportId: string;
  readonly receivedAt: string;
  /** As the address said; it may name nothing on file. */
  readonly code: string | null;
  readonly terminalId: string | null;
  readonly invoiceId: string | null;
  readonly premisesId: string | null;
  readonly premisesName: string | null;
  readonly region: string | null;
  readonly taxpayerId: string | null;
  readonly kind: string;
  /** What the server said of the paper when it was reported: on_file, not_on_file, mistyped, not_reported, refused, terminal_unknown. */
  readonly standing: string;
  readonly text: string;
  readonly language: string;
  readonly state: ReportState;
  readonly handledBy: string | null;
  readonly handledAt: string | null;
  readonly note: string | null;
}

export const REPORT_STATES = ['new', 'harmless', 'to_follow'] as const;
export type ReportState = (typeof REPORT_STATES)[number];

/** `POST /v1/console/reports/:reportId/states`. */
export interface ReportStateRequest {
  readonly state: ReportState;
  readonly note: string;
}
