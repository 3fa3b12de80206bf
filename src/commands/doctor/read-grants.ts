import type { Pool } from 'pg';

/**
 * What the log-in of this session may do, by name of table, sequence or function: words in alphabetical order, with the columns
 * where a right is for some of them only, like `INSERT SELECT UPDATE(name,region)`. What it may not use at all is left out.
 */
export type Grants = Readonly<Record<string, string>>;

/** A role that may more than rights say, or that is not what it should be. */
export interface Login {
  readonly name: string;
  /** `SUPERUSER` and the like. */
  readonly attributes: readonly string[];
  /** Roles that it is a member of, at first or second hand; itself left out. */
  readonly roles: readonly string[];
  /** Tables and sequences that it owns, and so may do anything with. */
  readonly owns: readonly string[];
  readonly mayMakeTables: boolean;
}

/** Names of tables, views and sequences of ours; a partition's own rights are those of nobody but its owner. */
const RELATION_GRANTS = `
  WITH relation AS (
    SELECT oid, relname, relkind = 'S' AS is_sequence FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
  ), held AS (
    SELECT relname, privilege AS word FROM relation, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS privilege
    WHERE NOT is_sequence AND has_table_privilege(session_user, oid, privilege)
    UNION ALL
    SELECT relname, privilege || '(' || string_agg(attname, ',' ORDER BY attname COLLATE "C") || ')'
    FROM relation JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped,
         unnest(ARRAY['SELECT', 'INSERT', 'UPDATE']) AS privilege
    WHERE NOT is_sequence AND NOT has_table_privilege(session_user, relation.oid, privilege)
      AND has_column_privilege(session_user, relation.oid, attnum, privilege)
    GROUP BY relname, privilege
    UNION ALL
    SELECT relname, privilege FROM relation, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS privilege
    WHERE is_sequence AND has_sequence_privilege(session_user, oid, privilege)
    UNION ALL
    SELECT proname || '()', 'EXECUTE' FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace AND prosecdef AND prorettype <> 'trigger'::regtype
      AND has_function_privilege(session_user, oid, 'EXECUTE')
  )
  SELECT relname AS name, string_agg(word, ' ' ORDER BY word COLLATE "C") AS words FROM held GROUP BY relname ORDER BY relname COLLATE "C"`;

const LOGIN = `
  SELECT rolname AS name,
         array_remove(ARRAY[CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreaterole THEN 'CREATEROLE' END,
                            CASE WHEN rolcreatedb THEN 'CREATEDB' END, CASE WHEN rolreplication THEN 'REPLICATION' END,
                            CASE WHEN rolbypassrls THEN 'BYPASSRLS' END], NULL) AS attributes,
         ARRAY(SELECT other.rolname::text FROM pg_roles AS other
               WHERE other.oid <> login.oid AND pg_has_role(login.oid, other.oid, 'MEMBER') ORDER BY 1) AS roles,
         ARRAY(SELECT relname::text FROM pg_class
               WHERE relnamespace = 'public'::regnamespace AND pg_has_role(login.oid, relowner, 'MEMBER') AND relkind IN ('r', 'p', 'S')
               ORDER BY 1) AS owns,
         has_schema_privilege(login.oid, 'public', 'CREATE') AS "mayMakeTables"
  FROM pg_roles AS login WHERE rolname = session_user`;

/** Reads what the session's own log-in may do; anybody may ask that of himself. */
export async function readGrants(database: Pool): Promise<Grants> {
  const { rows } = await database.query<{ name: string; words: string }>(RELATION_GRANTS);
  return Object.fromEntries(rows.map(({ name, words }) => [name, words]));
}

/** Reads what the session's own log-in is. */
export async function readLogin(database: Pool): Promise<Login> {
  const { rows } = await database.query<Login>(LOGIN);
  const [login] = rows;
  if (login === undefined) throw new Error('PostgreSQL does not know the log-in of its own session');
  return login;
}
