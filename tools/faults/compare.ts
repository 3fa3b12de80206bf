import { receiptOfRow } from '../audit/receipt.js';
import type { LedgerRow } from '../audit/stored-invoice.js';
import type { Printed } from './sales-book.js';

/** What tills have printed, and what happened to their disks. */
export interface Papers {
  readonly printed: readonly Printed[];
  /** Terminals whose disk was set back to an earlier day, with the moment (milliseconds of the monotonic clock), and those that are dead. */
  readonly setBack: ReadonlyMap<string, number>;
  readonly dead: ReadonlySet<string>;
}

/** What does not fit, one sentence each. */
export interface Comparison {
  readonly faults: readonly string[];
  /** Printed without a code, and gone with a till's disk before they were sent. */
  readonly goneWithDisk: number;
}

/** Compares, invoice by invoice, what stands on paper with what is on file. */
export function compare({ printed, setBack, dead }: Papers, rows: readonly LedgerRow[]): Comparison {
  const faults: string[] = [];
  const onFile = new Map(rows.map((row) => [`${row.terminal_id}/${row.invoice_id}`, row]));
  const saleOfCode = new Map<string, string>();
  let goneWithDisk = 0;
  for (const paper of printed) {
    const { saleId, terminalId, invoiceId, code } = paper;
    if (code !== null) {
      const other = saleOfCode.get(code);
      if (other !== undefined) faults.push(`The code ${code} is printed on ${other} and on ${saleId}.`);
      saleOfCode.set(code, saleId);
    }
    const row = onFile.get(`${terminalId}/${invoiceId}`);
    onFile.delete(`${terminalId}/${invoiceId}`);
    if (row !== undefined) faults.push(...differences(paper, row));
    else if (code === null && paper.at <= (setBack.get(terminalId) ?? -Infinity)) goneWithDisk += 1;
    else
      faults.push(
        `${saleId} (${invoiceId}) was printed${code === null ? '' : ` with the code ${code}`} and is not on file.`,
      );
  }
  for (const { terminal_id: terminalId, invoice_id: invoiceId } of onFile.values())
    // The software of such a till never heard of the sale that was under way, and asked for it anew, or never again.
    if (!setBack.has(terminalId) && !dead.has(terminalId))
      faults.push(`Invoice ${invoiceId} of ${terminalId} is on file, and nobody has sold it.`);
  return { faults, goneWithDisk };
}

function* differences({ saleId, code, total, receiptJws }: Printed, row: LedgerRow): Generator<string> {
  if (code !== null && row.code !== code)
    yield `${saleId} was printed with the code ${code}, and has ${row.code} on file.`;
  if (Number(row.total) !== total) yield `${saleId} was printed with the total ${total}, and has ${row.total} on file.`;
  if (receiptJws !== null && receiptOfRow(row, 'test') !== receiptJws)
    yield `${saleId}: the receipt on file is not the one that was printed.`;
}
