import { Distribution, WAIT_BOUNDS_SECONDS } from '../observability/metrics/distribution.js';
import type { CommitFailure } from './commit-failure.js';

/** Invoices of one commit: up to what ISSUANCE_LIST_INVOICES_MAX and the threshold allow. */
const LIST_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 500] as const;
const MILLISECONDS_PER_SECOND = 1_000;

/** Size, time and end of each commit, through whichever door its list came. */
export class CommitMeasure {
  readonly invoices = new Distribution(LIST_BOUNDS);
  readonly seconds = new Distribution(WAIT_BOUNDS_SECONDS);
  readonly failures: Record<CommitFailure, number> = { outage: 0, collision: 0, one_of_them: 0 };

  /** @param beganMs by `performance.now()` */
  committed(invoices: number, beganMs: number): void {
    this.invoices.observe(invoices);
    this.seconds.observe((performance.now() - beganMs) / MILLISECONDS_PER_SECOND);
  }
}
