/** Rules that look for what is odd. A signal is a reason to look, never a finding. */
export const SIGNAL_RULES = [
  'void_share',
  'refund_share',
  'refunds_after_closing',
  'offline_alone',
  'issued_at_backwards',
  'refunds_without_original',
  'much_training',
  'unusual_renewal',
  'numbers_used_again',
  'receipts_invented',
  'receipts_not_reported',
] as const;
export type SignalRule = (typeof SIGNAL_RULES)[number];

/** Rules that measure a share of invoices, 0 to 1; the others count. */
export const SHARE_RULES: readonly SignalRule[] = [
  'void_share',
  'refund_share',
  'refunds_without_original',
  'much_training',
];

/** `open` until somebody has looked. */
export const SIGNAL_MARKS = ['open', 'harmless', 'to_follow'] as const;
export type SignalMark = (typeof SIGNAL_MARKS)[number];

/** A named number behind a signal, such as `voids: 12`. Money is a decimal string of the smallest unit. */
export interface SignalFact {
  readonly name: string;
  readonly value: number | string;
}

export interface Signal {
  readonly signalId: string;
  readonly rule: SignalRule;
  readonly subject: 'terminal' | 'premises';
  readonly subjectId: string;
  readonly premisesId: string;
  readonly premisesName: string;
  readonly region: string;
  readonly taxpayerId: string;
  readonly from: string;
  readonly to: string;
  /** What was measured and what the rule allows, in the same unit. */
  readonly measured: number;
  readonly threshold: number;
  readonly facts: readonly SignalFact[];
  readonly mark: SignalMark;
  readonly markedBy: string | null;
  readonly markedAt: string | null;
  readonly note: string | null;
}

/** `POST /v1/console/signals/:signalId/marks`. */
export interface SignalMarkRequest {
  readonly mark: SignalMark;
  readonly note: string;
}
