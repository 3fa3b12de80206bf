import { divergenceOf, readIdentities } from '../../database/identity.js';
import { check, failed, ok, warning } from './check.js';

/** Whether it is the database that codes were last given on. */
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
    if (recorded === null) return [ok('No server has started on this database yet.')];
    return [
      divergenceOf(present, recorded) === null
        ? ok('It is the database that codes were last given on.')
        : warning(
            'It is another database than the one that codes were last given on.',
            'Nothing to do if it was a failover or a restore: servers move the numbers on when they start. See: tax-control database status',
          ),
    ];
  },
});
