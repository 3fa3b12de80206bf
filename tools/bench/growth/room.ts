/** Bytes on the disk of one invoice that is filled in: ledger, taxes, content and log entry with all their indexes; 2,700 where it was measured. */
const BYTES_OF_INVOICE = 3_000;
/** Two installations with their write-ahead logs, and what is issued in the rounds. */
const BYTES_OF_REST = 4_000_000_000;
const BYTES_PER_GB = 1_000_000_000;

/**
 * Why a disk cannot take what is to be filled in; null: it can.
 *
 * @param filled invoices
 * @param freeBytes that anybody may use
 */
export function roomShort(filled: number, freeBytes: number, folder: string): string | null {
  const needed = filled * BYTES_OF_INVOICE + BYTES_OF_REST;
  if (freeBytes >= needed) return null;
  const gb = (bytes: number): string => (bytes / BYTES_PER_GB).toFixed(1);
  return `${filled} invoices need ${gb(needed)} GB below ${folder}, and ${gb(freeBytes)} GB are free; fewer with --filled`;
}
