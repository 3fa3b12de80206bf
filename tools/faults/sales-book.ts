/** What a till has said of a sale, as it stands on paper. */
export interface Printed {
  readonly saleId: string;
  readonly terminalId: string;
  readonly invoiceId: string;
  readonly total: number;
  /** Null while the code is pending. */
  readonly code: string | null;
  readonly receiptJws: string | null;
  /** Milliseconds of the monotonic clock. */
  readonly at: number;
}

/** Everything that tills have printed, and what they said that contradicts what they had said before. */
export class SalesBook {
  readonly sales = new Map<string, Printed>();
  /** By invoice: what the same sale was signed as before its till's disk was set back. */
  readonly signedBefore = new Map<string, Printed>();
  readonly faults: string[] = [];
  issued = 0;
  offline = 0;
  refused = 0;
  /** Sales that a till did not take: limit reached, suspended, no room. Nothing was signed. */
  notTaken = 0;
  repeated = 0;

  /** @param isSetBack the till's disk was set back since: it may have forgotten the sale */
  note(printed: Printed, isSetBack: boolean): void {
    const before = this.sales.get(printed.saleId);
    if (before !== undefined) {
      this.repeated += 1;
      if (before.invoiceId !== printed.invoiceId) {
        if (!isSetBack)
          this.faults.push(`${printed.saleId} was signed twice: as ${before.invoiceId} and as ${printed.invoiceId}.`);
        else this.signedBefore.set(before.invoiceId, before);
      } else if (before.code !== null && printed.code !== before.code) {
        if (printed.code !== null || !isSetBack)
          this.faults.push(`${printed.saleId} had the code ${before.code}, and then ${String(printed.code)}.`);
        return;
      }
    }
    this.sales.set(printed.saleId, printed);
  }

  get all(): Printed[] {
    return [...this.sales.values(), ...this.signedBefore.values()];
  }
}
