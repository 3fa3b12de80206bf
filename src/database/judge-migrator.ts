import type { Fault } from './fault.js';
import { GROUPS } from './roles.js';

/** What the log-in that migrates may do. */
export interface MigratorState {
  readonly login: string;
  /** Where PostgreSQL makes a table that is named without schema; null: nowhere. */
  readonly schema: string | null;
  readonly may_make_tables: boolean;
  readonly may_make_roles: boolean;
  readonly missing_groups: readonly string[];
  /** Tables and sequences of ours that belong to roles whose rights this log-in does not have. */
  readonly of_others: readonly string[];
}

/** Gives one row. Anybody may ask that of himself. */
export const MIGRATOR_STATE = `
  SELECT current_user::text AS login, current_schema()::text AS schema,
         COALESCE(has_schema_privilege(to_regnamespace('public'), 'CREATE'), false) AS may_make_tables,
         (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_make_roles,
         ARRAY(SELECT name FROM unnest(ARRAY['${GROUPS.join("', '")}']) WITH ORDINALITY AS needed (name, place)
               WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) ORDER BY place) AS missing_groups,
         ARRAY(SELECT relname::text FROM pg_class
               WHERE relnamespace = to_regnamespace('public') AND relkind IN ('r', 'p', 'v', 'S')
                 AND NOT pg_has_role(relowner, 'USAGE')
                 AND (SELECT count(*) FROM pg_depend
                      WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e') = 0
               ORDER BY 1) AS of_others`;

const SQL_HINT = 'tax-control database roles prints the SQL for an administrator of the database.';
/** More names than a line holds are counted. */
const NAMES_SHOWN = 3;

/** What the log-in lacks for migrating, all of it at once, so that an administrator is asked only once. */
export function judgeMigrator(state: MigratorState): Fault[] {
  const faults: Fault[] = [];
  if (state.missing_groups.length > 0 && !state.may_make_roles)
    faults.push({
      seen: `The database lacks the roles ${state.missing_groups.join(', ')}, and the log-in ${state.login} may not make roles.`,
      advice: `Have them made first: ${SQL_HINT}`,
    });
  if (state.schema !== 'public')
    faults.push({
      seen:
        state.schema === null
          ? 'The database has no schema public, or the search_path of the log-in leaves it out.'
          : `The search_path of the log-in ${state.login} begins with the schema ${state.schema}: the tables belong into public.`,
      advice: 'CREATE SCHEMA public where it is missing; ALTER ROLE … SET search_path = public for this log-in.',
    });
  else if (!state.may_make_tables)
    faults.push({
      seen: `The log-in ${state.login} may not make tables in this database.`,
      advice: `Name the migrator, who owns the database, in DATABASE_URL; or make this log-in its owner. ${SQL_HINT}`,
    });
  if (state.of_others.length > 0)
    faults.push({
      seen: `Tables in the schema public belong to others than the log-in ${state.login} (${shown(state.of_others)}).`,
      advice:
        'Run migrations as who ran the first, in a database that nobody else uses. After a restore as another user: REASSIGN OWNED BY … TO …, ' +
        'or pg_restore with --role of the migrator.',
    });
  return faults;
}

function shown(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (rest > 0 ? `, and ${rest} more` : '');
}
