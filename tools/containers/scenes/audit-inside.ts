import { chmod } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Stage } from '../stage.js';

/** Others may pass through and read: the audit runs as a user of its own. */
const READABLE_FOLDER = 0o755;
const READABLE_FILE = 0o644;
const INSIDE = '/exports';

/** Invariants by name; null: there was nothing to check it with. */
export type Verdicts = Readonly<Record<string, boolean | null>>;

interface Report {
  readonly held: boolean;
  readonly invoices: number;
  readonly verdicts: Readonly<Record<string, { readonly held: boolean | null }>>;
}

/** The audit runs in a container of its own, with a log-in that can only read, and sees the tills' exported journals. */
export async function auditInside(
  { installation, narrator, book }: Stage,
  exports: readonly string[],
): Promise<Verdicts> {
  narrator.step('The audit, inside of the network');
  const folder = dirname(exports[0] ?? '');
  await chmod(folder, READABLE_FOLDER);
  for (const file of exports) await chmod(file, READABLE_FILE);
  const files = exports.map((file) => `${INSIDE}/${basename(file)}`);
  const report = JSON.parse(
    await installation.compose([
      'run',
      '--rm',
      '-T',
      '--volume',
      `${folder}:${INSIDE}:ro`,
      'audit',
      '--json',
      '--till-export',
      ...files,
    ]),
  ) as Report;
  const verdicts = Object.fromEntries(Object.entries(report.verdicts).map(([id, { held }]) => [id, held]));
  const checked = Object.values(verdicts).filter((held) => held === true).length;
  narrator.check(
    report.held && report.invoices === book.answers.length && checked === Object.keys(verdicts).length,
    `${report.invoices} invoices: ${checked} of ${Object.keys(verdicts).length} checks hold (${Object.keys(verdicts).join(', ')}).`,
  );
  return verdicts;
}
