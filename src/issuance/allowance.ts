/** From this share of the queue on, the late door gives way: half a queue is half a second that new sales wait. */
const BUSY_LOAD = 0.5;

/**
 * How many offline invoices one online transaction may carry for the moment: the threshold, and less the busier the online door is, down to
 * none when its queue is full. Advice to tills; what the late door refuses is measured by the threshold alone, which does not change
 * from one moment to the next.
 *
 * @param load share of the queue that is taken, 0 to 1
 */
export function allowanceOf(threshold: number, load: number): number {
  const share = Math.min(1, (1 - load) / (1 - BUSY_LOAD));
  return Math.floor(threshold * share);
}
