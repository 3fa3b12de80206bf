import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Clock, isProblem } from '@tax-control/protocol';
import { TerminalActs } from '../../administration/terminals.js';
import { withActs } from '../acts.js';
import { type InvitationOptions, NO_ADDRESSES, readInvitationOrder } from '../invitation-terms.js';
import { fillInvitationsFile, findObstacle } from '../invitations-file.js';
import { done, misused, type NotDone, type Outcome, refused, refusedBy } from '../outcome.js';
import { checkFleet } from './check-fleet.js';
import { FLEET_BYTES_MAX, type FleetFault, readFleetFile } from './fleet-file.js';
import { INVITATIONS_OPTION, invitationsCsv } from './invitations-csv.js';
import { tellProgress } from './progress.js';

export interface ImportOptions extends InvitationOptions {
  readonly invitations?: string;
  readonly skipRegistered?: boolean;
  readonly dryRun?: boolean;
}

/** What came of an import. `file`: where the invitations are; null where none were made. */
interface ImportResult {
  readonly registered: number;
  readonly skipped: readonly string[];
  readonly file: string | null;
  readonly dryRun: boolean;
}

/**
 * `terminal import`: all terminals of the file and their invitations come into being together or not at all. The invitations are on
 * disk before the commit, so that no terminal is registered whose invitation nobody has.
 */
export async function importTerminals(path: string, options: ImportOptions, clock: Clock): Promise<Outcome> {
  const { invitations: out, dryRun = false, skipRegistered = false } = options;
  if (out === undefined && !dryRun)
    return misused('Name the file for the invitations with --invitations, or try the import out with --dry-run.');
  const order = readInvitationOrder(options);
  if ('done' in order) return order;
  const bytes = await readFleet(path);
  if ('done' in bytes) return bytes;
  const { rows, faults } = readFleetFile(bytes);
  const blocked = out === undefined ? null : await findObstacle(out, INVITATIONS_OPTION);
  if (blocked !== null) return refused(blocked);

  return withActs(clock, async ({ pool, actor, acts }) => {
    const check = await checkFleet(pool, rows, { skipRegistered });
    const all = [...faults, ...check.faults].toSorted((one, other) => one.line - other.line);
    if (all.length > 0) return faultyFile(path, all);
    const { fresh } = check;
    const skipped = check.skipped.map(({ terminalId }) => terminalId);
    if (dryRun || out === undefined || fresh.length === 0)
      return told({ registered: dryRun ? 0 : fresh.length, skipped, file: null, dryRun }, fresh.length);
    const progress = tellProgress('Registered', fresh.length);
    const made = await fillInvitationsFile(
      { path: out, option: INVITATIONS_OPTION },
      (fill) =>
        new TerminalActs(acts, clock).register(actor, fresh, basename(path), {
          ...order,
          progress,
          handOver: (invitations) => fill(invitationsCsv(invitations)),
        }),
      `The database did not confirm the change, so the invitations in ${out} may be good. See whether the terminals are ` +
        'registered: tax-control terminal list. If none of them is, remove the file and import again.',
    );
    if (isProblem(made)) return refusedBy(made, { parameters_missing: NO_ADDRESSES, exists_already: MEANWHILE });
    if ('done' in made) return made;
    return told({ registered: made.length, skipped, file: out, dryRun }, made.length);
  });
}

const MEANWHILE =
  'Somebody else registered a terminal of the file at this moment. Nothing was registered: import the file again, which names it.';

async function readFleet(path: string): Promise<Uint8Array | NotDone> {
  try {
    const { size } = await stat(path);
    if (size > FLEET_BYTES_MAX)
      return refused(`The file ${path} is larger than ${FLEET_BYTES_MAX} bytes. Is it the right one? Else divide it.`);
    return await readFile(path);
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return refused(`The file ${path} cannot be read (${code}).`);
  }
}

function faultyFile(path: string, faults: readonly FleetFault[]): NotDone {
  const lines = faults.map(({ line, reason }) => `  line ${line}: ${reason}`);
  return {
    ...refused(`Nothing was registered. Correct ${path}, and import it again:\n${lines.join('\n')}`),
    details: { faults },
  };
}

function told(result: ImportResult, fresh: number): Outcome {
  const { skipped, file, dryRun } = result;
  const terminals = (count: number): string => `${count} ${count === 1 ? 'terminal' : 'terminals'}`;
  const left = skipped.length === 0 ? '' : ` ${terminals(skipped.length)} registered before: left as they are.`;
  if (dryRun)
    return done(
      { ...result, wouldRegister: fresh },
      `${terminals(fresh)} would be registered. Nothing was done.${left}`,
    );
  if (file === null) return done(result, `Nothing to register.${left}`);
  return done(
    result,
    `Registered ${terminals(fresh)}.${left}\nTheir invitations are in ${file}, which only its owner can read. Each is worth a ` +
      'certificate: hand each to its shop over a channel that you trust, then remove the file.',
  );
}
