import type { Clock } from '@tax-control/protocol';
import { readRecoverySettings } from '../configuration/read-settings.js';
import { openRecoveryLog, type RecoveryLog } from '../recovery-log/recovery-log.js';

/** Where a command writes down what a restored database must be told again; nowhere, where RECOVERY_LOG_DIRECTORY is not set. */
export function commandRecoveryLog(clock: Clock): RecoveryLog {
  return openRecoveryLog(readRecoverySettings().logDirectory, clock.now());
}
