/** What came of the month, as the tills counted it. */
export interface Counts {
  invoices: number;
  online: number;
  offline: number;
  reissued: number;
  alreadyIssued: number;
  refused: number;
  logEntries: number;
}

export function noCounts(): Counts {
  return { invoices: 0, online: 0, offline: 0, reissued: 0, alreadyIssued: 0, refused: 0, logEntries: 0 };
}
