import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { readRecoveryLog } from '../../recovery-log/read-recovery-log.js';
import { check, failed, ok, warning } from './check.js';

/** Whether what a restored database must be told again is written down, and can be read. */
export const recoveryLogCheck = check({
  name: 'recovery-log',
  needs: ['settings'],
  look: async ({ settings }) => {
    const { logDirectory } = settings.recovery;
    if (logDirectory === null)
      return [
        warning(
          'No recovery log is written: after a restore, tills that were revoked since the backup are active again.',
          'Set RECOVERY_LOG_DIRECTORY to a folder on another disk than the database, the same for all servers and commands.',
        ),
      ];
    try {
      await access(logDirectory, constants.R_OK | constants.W_OK);
      const { files, entries, unreadable } = await readRecoveryLog(logDirectory);
      const seen = `The recovery log has ${entries.length} entries in ${files} files.`;
      return unreadable.length === 0
        ? [ok(seen)]
        : [
            warning(
              `${seen} Lines that are no entries: ${unreadable.join(', ')}.`,
              'After a crash one such line is as it should be; several mean that files were damaged: see tax-control database status.',
            ),
          ];
    } catch {
      return [
        failed(
          'The folder of the recovery log is missing, or cannot be read and written.',
          'Make it, and give it to the user of the server: until then nobody is enrolled, suspended or revoked.',
        ),
      ];
    }
  },
});
