/** The months, YYYY-MM-01 in UTC, that a period touches. @param fromMs inclusive, @param toMs exclusive */
export function monthsOf(fromMs: number, toMs: number): { readonly first: string; readonly last: string } {
  return { first: monthOf(fromMs), last: monthOf(toMs - 1) };
}

/** First day of the month in which a time lies, UTC. Business days are the shop's; the edge of a month is a matter of hours. */
export function monthOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 'yyyy-mm'.length)}-01`;
}

/** Milliseconds at which the month after begins, UTC. @param month YYYY-MM-01 */
export function monthEnd(month: string): number {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return Date.UTC(year, number, 1);
}
