import { Client } from 'pg';

/** Who logs in to the database, each with just the rights of its work. */
export type LoginName = 'server' | 'operator' | 'auditor' | 'migrator';

export type LoginPasswords = Readonly<Record<LoginName, string>>;

export const LOGIN_NAMES: readonly LoginName[] = ['server', 'operator', 'auditor', 'migrator'];

/** Groups that hold the rights (granted in the migrations). The migrator needs none: it owns the tables. */
const GROUPS: Readonly<Partial<Record<LoginName, string>>> = {
  server: 'tax_control_server',
  operator: 'tax_control_operator',
  auditor: 'tax_control_auditor',
};

function roleName(login: LoginName): string {
  return `${login}_login`;
}

/**
 * Makes groups and logins as an administrator of a real database would, or gives existing logins these passwords.
 *
 * @param superuser connected; to any database of the cluster
 */
export async function ensureRoles(superuser: Client, passwords: LoginPasswords): Promise<void> {
  for (const group of Object.values(GROUPS)) await ensureRole(superuser, group, 'NOLOGIN');
  for (const login of LOGIN_NAMES) {
    const role = roleName(login);
    await ensureRole(superuser, role, 'LOGIN');
    await superuser.query(`ALTER ROLE ${role} PASSWORD ${superuser.escapeLiteral(passwords[login])}`);
    const group = GROUPS[login];
    if (group !== undefined) await superuser.query(`GRANT ${group} TO ${role}`);
  }
}

async function ensureRole(superuser: Client, name: string, kind: 'LOGIN' | 'NOLOGIN'): Promise<void> {
  const { rowCount } = await superuser.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (rowCount === 0) await superuser.query(`CREATE ROLE ${superuser.escapeIdentifier(name)} ${kind}`);
}

/**
 * Makes a database that the migrator owns and only our groups can enter; none if it is there already.
 *
 * @param template another one to copy; nobody may be connected to it
 */
export async function ensureDatabase(superuser: Client, name: string, template?: string): Promise<void> {
  const { rowCount } = await superuser.query('SELECT FROM pg_database WHERE datname = $1', [name]);
  const database = superuser.escapeIdentifier(name);
  if (rowCount === 0) {
    const source = template === undefined ? '' : ` TEMPLATE ${superuser.escapeIdentifier(template)}`;
    await superuser.query(`CREATE DATABASE ${database} OWNER ${roleName('migrator')}${source}`);
  }
  // A copy does not inherit who may connect.
  await superuser.query(
    `REVOKE ALL ON DATABASE ${database} FROM PUBLIC;
     GRANT CONNECT ON DATABASE ${database} TO ${Object.values(GROUPS).join(', ')}`,
  );
}

/** Addresses of one database for each login, with the passwords in them: never print one. */
export function loginUrls(
  superuserUrl: string,
  database: string,
  passwords: LoginPasswords,
): Record<LoginName, string> {
  const urlFor = (login: LoginName): string => {
    const url = new URL(superuserUrl);
    url.username = roleName(login);
    url.password = passwords[login];
    url.pathname = `/${database}`;
    return url.href;
  };
  return {
    server: urlFor('server'),
    operator: urlFor('operator'),
    auditor: urlFor('auditor'),
    migrator: urlFor('migrator'),
  };
}

/** Runs `work` with a superuser's session that ends with it. */
export async function withSuperuser<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: 'tax-control tools' });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
