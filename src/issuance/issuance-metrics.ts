import type { Metrics } from '../observability/metrics/metrics.js';
import type { GroupCommit } from './group-commit.js';
import type { InvoiceCounts } from './invoice-counts.js';
import type { Issuance } from './issue-invoices.js';
import type { ReadingThreads } from './reading/reading-threads.js';

interface Measured {
  readonly issuance: Issuance;
  readonly groupCommit: GroupCommit;
  readonly threads: ReadingThreads;
  readonly counts: InvoiceCounts;
}

/** Offers what issuance counts, and how much waits at each of its stations. */
export function offerIssuanceMetrics(metrics: Metrics, { issuance, groupCommit, threads, counts }: Measured): void {
  metrics.counter({
    name: 'tax_control_invoices_total',
    help: 'Invoices that reached a door (issue, reissue), by result (issued, already_issued, refused, deferred, failed) and cause.',
    labels: ['door', 'result', 'cause'],
    read: () => counts.results(),
  });
  metrics.counter({
    name: 'tax_control_warnings_total',
    help: 'Warnings with which invoices were issued.',
    labels: ['warning'],
    read: () => counts.warnings(),
  });
  offerCommits(metrics, issuance);
  offerQueues(metrics, groupCommit, threads);
}

function offerCommits(metrics: Metrics, { commits }: Issuance): void {
  metrics.histogram({
    name: 'tax_control_commit_invoices',
    help: 'Invoices in one commit.',
    read: () => [{ distribution: commits.invoices }],
  });
  metrics.histogram({
    name: 'tax_control_commit_duration_seconds',
    help: 'From the first statement of a commit to its confirmation.',
    read: () => [{ distribution: commits.seconds }],
  });
  metrics.counter({
    name: 'tax_control_commit_failures_total',
    help: 'Lists that were not committed at a try: outage, silent (a session hung; again in another one), held (again without what a hanging transaction holds), collision (tried again), one_of_them (then one by one).',
    labels: ['failure'],
    read: () => Object.entries(commits.failures).map(([failure, value]) => ({ labels: { failure }, value })),
  });
}

function offerQueues(metrics: Metrics, groupCommit: GroupCommit, threads: ReadingThreads): void {
  metrics.gauge({
    name: 'tax_control_queue_invoices',
    help: 'Invoices that wait inside the server, by station: reading (for a thread), commit (for a list).',
    labels: ['station'],
    read: () => [
      { labels: { station: 'reading' }, value: threads.waitingInvoices },
      { labels: { station: 'commit' }, value: groupCommit.waitingInvoices },
    ],
  });
  metrics.gauge({
    name: 'tax_control_queue_invoices_max',
    help: 'Invoices that may wait at each station (ISSUANCE_QUEUE_INVOICES_MAX); more are turned away.',
    read: () => [{ value: groupCommit.limits.queueInvoicesMax }],
  });
  metrics.gauge({
    name: 'tax_control_commit_lists_in_flight',
    help: 'Lists of the online door that are in the database now.',
    read: () => [{ value: groupCommit.listsInFlight }],
  });
  metrics.gauge({
    name: 'tax_control_commit_lists_overdue',
    help: 'Of these, lists that hang: they have been in the database for more than a quarter of a second.',
    read: () => [{ value: groupCommit.listsOverdue }],
  });
  metrics.gauge({
    name: 'tax_control_reading_threads',
    help: 'Threads that read invoices, by state: busy or idle.',
    labels: ['state'],
    read: () => [
      { labels: { state: 'busy' }, value: threads.busy },
      { labels: { state: 'idle' }, value: threads.threads - threads.busy },
    ],
  });
}
