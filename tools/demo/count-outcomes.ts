/** The first answer that the billing interface gave to a sale. */
export interface FirstAnswer {
  readonly saleId: string;
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly result: 'issued' | 'stored_offline' | 'refused';
}

/** An invoice as its till's exported journal has it in the end. */
export interface FinalEntry {
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly state: string;
  /** Null without receipt. */
  readonly code: string | null;
  /** By which door its receipt says that it came in; null without receipt. */
  readonly door: string | null;
}

/** What the counts are made from; each part comes from another witness. */
export interface Evidence {
  /** The tills' software: what it was answered at the moment of each sale. */
  readonly answers: readonly FirstAnswer[];
  /** The tills' journals at the end. */
  readonly journals: readonly FinalEntry[];
  /** The tills' transaction logs: invoices that the server said it had issued before. */
  readonly alreadyIssued: readonly { readonly invoiceId: string }[];
  /** The database: identities that have a code, as terminal/invoice. */
  readonly onFile: ReadonlySet<string>;
}

export interface OutcomeCounts {
  /** Sales that had their code in the answer. */
  readonly issuedOnline: number;
  /** Sales that went on without. */
  readonly storedOffline: number;
  /** Of these: got their code later, by the late door. */
  readonly reissued: number;
  /** Of these: the server had given the code before, and gave the same receipt again. */
  readonly alreadyIssued: number;
  readonly refused: number;
  readonly distinctCodes: number;
  readonly duplicateCodes: number;
  /** Sales that were accepted and are neither on file nor refused with a cause. */
  readonly lost: number;
}

/** Nothing here is known beforehand: every figure is counted. */
export function countOutcomes({ answers, journals, alreadyIssued, onFile }: Evidence): OutcomeCounts {
  const codes = journals.flatMap((entry) => entry.code ?? []);
  const distinctCodes = new Set(codes).size;
  const refused = new Set(journals.filter((entry) => entry.state === 'refused').map(identityOf));
  const accepted = new Set(answers.map(identityOf));
  return {
    issuedOnline: answers.filter((answer) => answer.result === 'issued').length,
    storedOffline: answers.filter((answer) => answer.result === 'stored_offline').length,
    reissued: journals.filter((entry) => entry.door === 'reissue').length,
    alreadyIssued: new Set(alreadyIssued.map((attempt) => attempt.invoiceId)).size,
    refused: refused.size,
    distinctCodes,
    duplicateCodes: codes.length - distinctCodes,
    lost: [...accepted].filter((identity) => !onFile.has(identity) && !refused.has(identity)).length,
  };
}

/** How an invoice is named across witnesses. */
export function identityOf(invoice: { readonly terminalId: string; readonly invoiceId: string }): string {
  return `${invoice.terminalId}/${invoice.invoiceId}`;
}
