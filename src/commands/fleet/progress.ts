/** So many rows take a fraction of a second; for fewer, nobody needs to be told. */
const SILENT_TOTAL_MAX = 2_000;

/** Says how far a long file is, on a line of its own that is written over; only where a person watches. */
export function tellProgress(what: string, total: number): (done: number) => void {
  if (!process.stderr.isTTY || total <= SILENT_TOTAL_MAX) return () => {};
  return (done) => {
    process.stderr.write(`\r${what} ${done} of ${total}${done === total ? ' …\n' : ''}`);
  };
}
