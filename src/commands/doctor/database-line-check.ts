import { type Line, readLine } from '../../database/line.js';
import { check, failed, type Finding, ok, warning } from './check.js';

const ADVICE =
  'Add ?sslmode=verify-full to DATABASE_URL, with &sslrootcert=FILE where the authority is not a public one (docs/operating/database.md).';

/** Whether anybody between here and the database can read invoices and change answers. */
export const databaseLineCheck = check({
  name: 'database-line',
  needs: ['database'],
  look: async ({ database }) => [judgeLine(await readLine(database))],
});

export function judgeLine({ reach, tls }: Line): Finding {
  if (reach === 'machine')
    return ok(
      `The database is on this machine${tls === null ? ', and the line does not leave it' : ` (${tls.version})`}.`,
    );
  if (tls === null)
    return (reach === 'public' ? failed : warning)(
      'Invoices and the password’s proof go to another host in the clear: who is on the way reads them, and can change what comes back.',
      reach === 'public'
        ? ADVICE
        : `${ADVICE} Nothing to do where that network is inside of one machine, as between containers.`,
    );
  if (!tls.isVerified)
    return (reach === 'public' ? failed : warning)(
      `The line to the database is encrypted (${tls.version}), but nobody looks at whose certificate it is: it may be anybody’s.`,
      ADVICE,
    );
  return ok(`The line to the database is encrypted (${tls.version}), and its certificate was checked.`);
}
