import { check, failed, type Finding, ok, warning } from './check.js';
import { type Grants, type Login, readGrants, readLogin } from './read-grants.js';
import { SERVER_GRANTS, WRITTEN_FOR_EVER } from './server-grants.js';

const SERVER_ROLE = 'tax_control_server';
const OPERATOR_ROLE = 'tax_control_operator';

/** More names than a line holds are counted. */
const NAMES_SHOWN = 5;

/** Whether the log-in may do exactly what a server must, and nothing else. */
export const grantsCheck = check({
  name: 'grants',
  needs: ['database'],
  look: async ({ database }) => {
    const login = await readLogin(database);
    return judgeLogin(login) ?? judgeGrants(await readGrants(database));
  },
});

/** What is wrong with the log-in as a whole; null: its rights are worth comparing. */
export function judgeLogin({ name, attributes, roles, owns, mayMakeTables }: Login): Finding[] | null {
  const advice = `Give the server a log-in of its own that is a member of ${SERVER_ROLE} and of nothing else: docker/roles.sql shows how.`;
  if (attributes.includes('SUPERUSER'))
    return [
      failed(`The log-in ${name} is a superuser: whoever gets into the server could change every invoice.`, advice),
    ];
  if (owns.length > 0)
    return [
      failed(
        `The log-in ${name} owns tables (${shown(owns)}) and so may change every invoice.`,
        `${advice} The migrator owns the tables.`,
      ),
    ];
  if (!roles.includes(SERVER_ROLE)) {
    // What an operator has in his shell: no fault of the installation, unless a server has these settings too.
    if (roles.includes(OPERATOR_ROLE))
      return [
        warning(
          `The log-in ${name} is an operator’s, so the rights of the server’s log-in were not looked at.`,
          'Run the doctor with the settings of the server, DATABASE_URL included. If these are the settings of a server, give it a log-in of its own.',
        ),
      ];
    return [
      failed(
        `The log-in ${name} is no member of ${SERVER_ROLE}.`,
        `As a superuser of the database: GRANT ${SERVER_ROLE} TO ${name}`,
      ),
    ];
  }
  const further = [...attributes, ...roles.filter((role) => role !== SERVER_ROLE)];
  if (mayMakeTables) further.push('CREATE on the schema public');
  return further.length === 0
    ? null
    : [warning(`The log-in ${name} has more than the server needs: ${shown(further)}.`, `Take it away. ${advice}`)];
}

/** Compares what the log-in may with what the server needs. */
export function judgeGrants(held: Grants, needed: Grants = SERVER_GRANTS): Finding[] {
  const missing = Object.entries(needed).flatMap(([name, words]) => differences(name, words, held[name]));
  // What this version does not know is the migrations' matter.
  const further = Object.entries(needed).flatMap(([name, words]) => differences(name, held[name] ?? '', words));
  const dangerous = further.filter(({ name }) => WRITTEN_FOR_EVER.has(name));
  const findings: Finding[] = [];
  if (missing.length > 0)
    findings.push(
      failed(
        `The server’s log-in lacks rights: ${shown(missing.map(textOf))}.`,
        'If migrations are missing, apply them: tax-control migrate. After a restore without rights (pg_restore --no-privileges), restore again with them.',
      ),
    );
  if (dangerous.length > 0)
    findings.push(
      failed(
        `The server’s log-in may change what is written for ever: ${shown(dangerous.map(textOf))}.`,
        'Revoke it as the migrator, from the log-in and from the roles that it is a member of: REVOKE … ON … FROM …',
      ),
    );
  const harmless = further.filter((one) => !dangerous.includes(one));
  if (harmless.length > 0)
    findings.push(
      warning(
        `The server’s log-in has more rights than it needs: ${shown(harmless.map(textOf))}.`,
        'Revoke them as the migrator: REVOKE … ON … FROM …',
      ),
    );
  return findings.length > 0
    ? findings
    : [ok('The server’s log-in may do exactly what it must: issue and read, never change what was issued.')];
}

interface Right {
  readonly name: string;
  readonly word: string;
}

/** The rights of `all` that `others` does not have. */
function differences(name: string, all: string, others = ''): Right[] {
  const had = new Map(others.split(' ').map(parts));
  return all
    .split(' ')
    .filter((word) => word !== '')
    .flatMap((word) => {
      const [privilege, columns] = parts(word);
      if (!had.has(privilege)) return [{ name, word }];
      const hadColumns = had.get(privilege) ?? null;
      if (hadColumns === null) return [];
      const rest = columns === null ? null : columns.filter((column) => !hadColumns.includes(column));
      if (rest !== null && rest.length === 0) return [];
      return [{ name, word: rest === null ? privilege : `${privilege}(${rest.join(',')})` }];
    });
}

/** `UPDATE(a,b)` → privilege and columns; null: all columns. */
function parts(word: string): [privilege: string, columns: readonly string[] | null] {
  const [, privilege = '', columns] = /^(\w*)(?:\((.*)\))?$/.exec(word) ?? [];
  return [privilege, columns === undefined ? null : columns.split(',')];
}

function textOf({ name, word }: Right): string {
  return `${word} on ${name}`;
}

function shown(names: readonly string[]): string {
  const rest = names.length - NAMES_SHOWN;
  return names.slice(0, NAMES_SHOWN).join(', ') + (rest > 0 ? `, and ${rest} more` : '');
}
