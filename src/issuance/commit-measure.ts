import { Distribution, WAIT_BOUNDS_SECONDS } from '../observability/metrics/distribution.js';
import type { CommitFailure } from './commit-failure.js';

/** Invoices of one commit: up to what ISSUANCE_LIST_INVOICES_MAX and the threshold allow. */
const LIST_BOUNDS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 500] as const;
const MILLISECONDS_PER_SECOND = 1_000;

/** A try that failed, by `performance.now()`. */
export interface FailedCommit {
  readonly failure: CommitFailure;
  readonly error: unknown;
  readonly atMs: number;
}

/** Size, time and end of each commit, through whichever door its list came. */
export class CommitMeasure {
  readonly invoices = new Distribution(LIST_BOUNDS);
  readonly seconds = new Distribution(WAIT_BOUNDS_SECONDS);
  readonly failures: Record<CommitFailure, number> = { outage: 0, silent: 0, held: 0, collision: 0, one_of_them: 0 };
  /** When the last list was committed, by `performance.now()`; before the first: never. */
  lastCommitMs = Number.NEGATIVE_INFINITY;
  /** The last failure since then. */
  lastFailure: FailedCommit | null = null;

  /** @param beganMs by `performance.now()` */
  committed(invoices: number, beganMs: number): void {
    this.lastCommitMs = performance.now();
    this.lastFailure = null;
    this.invoices.observe(invoices);
    this.seconds.observe((this.lastCommitMs - beganMs) / MILLISECONDS_PER_SECOND);
  }

  failed(failure: CommitFailure, error: unknown): void {
    this.failures[failure] += 1;
    this.lastFailure = { failure, error, atMs: performance.now() };
  }
}
