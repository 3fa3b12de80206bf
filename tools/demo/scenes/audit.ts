import { runAudit } from '../../audit/audit.js';
import { verdictLines } from '../../audit/report-lines.js';
import type { Stage } from '../stage.js';

/** Invariants by name; true: held. */
export type Verdicts = Readonly<Record<string, boolean>>;

/** An independent checker looks at database and journals. @param tillExports files of exported journals */
export async function audit({ narrator, local }: Stage, tillExports: readonly string[]): Promise<Verdicts> {
  narrator.step('An audit with code of its own checks everything again');
  narrator.say('It reads the database and the three journals, verifies every signature, and recomputes every code.');
  const bar = narrator.bar('auditing', 1);
  const report = await runAudit({
    databaseUrl: local.databaseUrls.auditor,
    keysDirectory: local.paths.keys,
    tillExports,
    onProgress: ({ done, total }) => {
      bar.setTotal(total);
      bar.update(done);
    },
  });
  bar.end();
  for (const verdict of report.verdicts)
    narrator.lines(...verdictLines(verdict, narrator.paint).map((line) => `  ${line}`));
  narrator.check(report.held, 'All that must always hold holds.');
  const invariants = report.verdicts.filter((verdict) => verdict.id.startsWith('I'));
  return Object.fromEntries(invariants.map((verdict) => [verdict.id, verdict.held === true]));
}
