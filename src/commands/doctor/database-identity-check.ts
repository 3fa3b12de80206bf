import { divergenceOf, readIdentities } from '../../database/identity.js';
import { readPosition } from '../../recovery/recover.js';
import { check, failed, ok, warning } from './check.js';

/** Below this share of numbers left there are still years to make a plan in. */
const LEFT_MIN = 0.1;

/** Whether it is the database that codes were last given on, and how many numbers are left. */
export const databaseIdentityCheck = check({
  name: 'database-identity',
  needs: ['database'],
  look: async ({ database }) => {
    const { present, recorded } = await readIdentities(database);
    if (present === null)
      return [
        failed(
          'The database is a standby, on which nothing can be issued.',
          'Promote it, or let DATABASE_URL name the primary.',
        ),
      ];
    const position = await readPosition(database);
    if (recorded === null || position === null) return [ok('No server has started on this database yet.')];
    const { number, numberMin, numberMax } = position;
    const left = (numberMax - number) / (numberMax - numberMin + 1);
    const leftSeen = `${(100 * left).toFixed(1)} % of the numbers of codes are left.`;
    return [
      divergenceOf(present, recorded) === null
        ? ok('It is the database that codes were last given on.')
        : warning(
            'It is another database than the one that codes were last given on.',
            'Nothing to do if it was a failover or a restore: servers move the numbers on when they start. See: tax-control database status',
          ),
      left < LEFT_MIN ? warning(leftSeen, 'See docs/decisions/0025-numbers-after-a-restore.md.') : ok(leftSeen),
    ];
  },
});
