import type { OfficialRow, OfficialView } from '@tax-control/protocol/console';
import { columns } from '../csv/table.js';

/** Between several values in one cell. */
const SEPARATOR = ' ';

export const OFFICIAL_COLUMNS = columns<OfficialRow>(
  'name',
  'fullName',
  ['roles', ({ roles }) => roles.join(SEPARATOR)],
  ['view', ({ view }) => view.kind],
  ['viewMembers', ({ view }) => membersOf(view).join(SEPARATOR)],
  'createdAt',
  'lastSignInAt',
  'disabledAt',
  'temporaryPasswordUntil',
  'delayedUntil',
  'sessions',
);

function membersOf(view: OfficialView): readonly string[] {
  if (view.kind === 'all') return [];
  return view.kind === 'regions' ? view.regions : view.taxpayerIds;
}
