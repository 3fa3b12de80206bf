import type { Pool } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { Acts } from '../administration/act.js';
import { type CommandLine, commandLine } from '../administration/actor.js';
import { readRecoverySettings } from '../configuration/read-settings.js';
import { openRecoveryLog } from '../recovery-log/recovery-log.js';
import { withDatabase } from './operator-database.js';
import type { Outcome } from './outcome.js';

/** What a command acts with. `actor`: the log-in that DATABASE_URL names. */
export interface Acting {
  readonly pool: Pool;
  readonly actor: CommandLine;
  readonly acts: Acts;
}

/** Runs work that acts on the database of DATABASE_URL; without RECOVERY_LOG_DIRECTORY there is no recovery log. Failures: see failure.ts. */
export function withActs(clock: Clock, work: (acting: Acting) => Promise<Outcome>): Promise<Outcome> {
  const recoveryLog = openRecoveryLog(readRecoverySettings().logDirectory, clock.now());
  return withDatabase(async (pool) =>
    work({ pool, actor: await commandLine(pool), acts: new Acts(pool, recoveryLog) }),
  );
}
