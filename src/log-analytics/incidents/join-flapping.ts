import { type FailureInterval, isTerminalCertificate, mainCause } from './failure.js';
import { INCIDENT_RULE } from './rule.js';

/**
 * Joins the failures of one terminal between which it got through for a moment only. A pure function.
 * @returns by beginning, then by terminal
 */
export function joinFlapping(intervals: readonly FailureInterval[]): FailureInterval[] {
  const last = new Map<string, FailureInterval[]>();
  const joined: FailureInterval[][] = [];
  for (const interval of intervals.toSorted(byStart)) {
    const before = last.get(interval.terminalId);
    const endedAt = before?.at(-1)?.endedAt ?? null;
    if (before !== undefined && endedAt !== null && interval.startedAt - endedAt < flapMsMax(before.at(-1), interval)) {
      before.push(interval);
      continue;
    }
    const fresh = [interval];
    last.set(interval.terminalId, fresh);
    joined.push(fresh);
  }
  return joined.flatMap(merge);
}

function flapMsMax(before: FailureInterval | undefined, after: FailureInterval): number {
  const isSameCertificate = before?.cause === after.cause && isTerminalCertificate(after.cause);
  return isSameCertificate ? INCIDENT_RULE.certificateFlapMsMax : INCIDENT_RULE.flapMsMax;
}

export function byStart(one: FailureInterval, other: FailureInterval): number {
  return one.startedAt - other.startedAt || (one.terminalId < other.terminalId ? -1 : 1);
}

function merge(run: readonly FailureInterval[]): FailureInterval[] {
  const [first] = run;
  const final = run.at(-1);
  if (first === undefined || final === undefined || run.length === 1) return [...run];
  return [
    {
      ...first,
      lastFailureAt: final.lastFailureAt,
      endedAt: final.endedAt,
      failures: sum(run, ({ failures }) => failures),
      invoices: sum(run, ({ invoices }) => invoices),
      quietMs: Math.max(...run.map(({ quietMs }) => quietMs)),
      cause: mainCause(run),
    },
  ];
}

function sum(run: readonly FailureInterval[], of: (interval: FailureInterval) => number): number {
  return run.reduce((total, interval) => total + of(interval), 0);
}
