import type { InvoiceKind, InvoiceType } from '@tax-control/protocol';
import type { ReceiptProof } from '@tax-control/protocol/console';
import type { ReportReason } from '../report.js';

/** A heading and the sentence below it. */
export interface Message {
  readonly heading: string;
  readonly text: string;
}

/** Everything that the pages say. */
export interface PageWords {
  readonly title: string;
  readonly otherLanguage: string;
  readonly testBanner: string;
  readonly start: Message;
  readonly codeLabel: string;
  readonly codeHint: string;
  readonly checkCode: string;
  readonly mistyped: Message;
  readonly linkMistyped: Message;
  readonly notOnFile: Message;
  readonly testCode: string;
  readonly productionCode: string;
  readonly onFile: Message;
  readonly fits: Message;
  readonly differs: Message;
  readonly triesLeft: (tries: number) => string;
  readonly unreadable: string;
  readonly locked: (hours: number) => string;
  readonly notReported: Message;
  readonly signed: Message;
  readonly notSigned: Message;
  readonly notReportedHours: (hours: number) => string;
  readonly terminalUnknown: Message;
  readonly refused: Message;
  readonly superseded: Message;
  readonly seeSuperseding: string;
  readonly tooMany: Message;
  readonly outage: Message;
  readonly code: string;
  readonly terminal: string;
  readonly invoice: string;
  readonly totalLabel: string;
  readonly totalHint: string;
  readonly checkTotal: string;
  readonly shop: string;
  readonly address: string;
  readonly soldAt: string;
  readonly total: string;
  readonly registeredAt: string;
  readonly shopUnknown: string;
  readonly kind: string;
  readonly kinds: Readonly<Record<InvoiceKind, string>>;
  readonly types: Readonly<Record<InvoiceType, string>>;
  readonly notFiscal: string;
  readonly voided: string;
  readonly contentRemoved: (day: string) => string;
  readonly compare: string;
  /** The invoice was forgotten in a restore, and a customer's receipt, or its print, is all that is known of it. */
  readonly byReceiptAlone: Readonly<Record<ReceiptProof, string>>;
  readonly report: string;
  readonly reportHint: string;
  readonly reasonLabel: string;
  readonly reasons: Readonly<Record<ReportReason, string>>;
  readonly messageLabel: string;
  readonly messageHint: string;
  readonly sendReport: string;
  readonly reported: Message;
  readonly reportRefused: Message;
  readonly back: string;
  readonly another: string;
  readonly footer: string;
}
