import { found, type Outcome } from '../outcome.js';
import { table } from '../table.js';
import type { Asked, Check, Finding, FindingStatus, Parts } from './check.js';
import { CHECKS } from './checks.js';
import { failureFinding } from './connection-finding.js';
import { openParts } from './open-parts.js';

/** A finding and the check that it is of. */
export interface Row {
  readonly check: string;
  readonly status: FindingStatus;
  readonly seen: string;
  readonly advice: string | null;
}

/** Looks at everything, and tells all that was found; changes nothing. */
export async function examine(asked: Asked): Promise<Outcome> {
  const opened = await openParts(asked.clock);
  try {
    const rows = opened.findings.map(({ check, finding }) => rowOf(check, finding));
    for (const one of CHECKS) rows.push(...(await lookAt(one, { ...opened.parts, ...asked })));
    return report(rows);
  } finally {
    await opened.close();
  }
}

async function lookAt(one: Check, parts: Partial<Parts> & Asked): Promise<Row[]> {
  try {
    return (await one.look(parts)).map((finding) => rowOf(one.name, finding));
  } catch (error) {
    // One check that cannot be made must not hide what the others find.
    return [rowOf(one.name, failureFinding(error))];
  }
}

function rowOf(check: string, finding: Finding): Row {
  return { check, status: finding.status, seen: finding.seen, advice: 'advice' in finding ? finding.advice : null };
}

function report(rows: readonly Row[]): Outcome {
  const count = (status: FindingStatus): number => rows.filter((row) => row.status === status).length;
  const counts = { ok: count('ok'), warning: count('warning'), failed: count('failed'), skipped: count('skipped') };
  const status = counts.failed > 0 ? 'failed' : counts.warning > 0 ? 'warning' : 'ok';
  const lines = rows.flatMap(({ check, status, seen, advice }) => [
    [status, check, seen],
    ...(advice === null ? [] : [['', '', `→ ${advice}`]]),
  ]);
  const sum = `${counts.ok} ok, ${counts.warning} warnings, ${counts.failed} failed, ${counts.skipped} skipped`;
  return found(
    { status, counts, findings: rows },
    `${table(['STATUS', 'CHECK', 'SEEN'], lines)}\n\n${sum}. Each check: docs/operating/doctor.md`,
    status === 'failed' ? 'refused' : null,
  );
}
