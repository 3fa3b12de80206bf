import { Part } from './part.js';
import { startPostgres, type PostgresSettings, type RunningPostgres } from './postgres.js';
import { ensureDatabase, ensureRoles, loginUrls, withSuperuser, type LoginName } from './roles.js';
import { loginPasswords, writeDatabaseUrls, type StatePaths } from './state.js';

/** Addresses of the database `tax_control` by login; they hold passwords: never print one. */
export type DatabaseUrls = Readonly<Record<LoginName | 'superuser', string>>;

export interface LocalDatabase {
  /** PostgreSQL itself: `kill()`, `start()` (on the same port), `stop()`. */
  readonly part: Part<RunningPostgres>;
  readonly urls: DatabaseUrls;
}

const DATABASE = 'tax_control';

/** Starts PostgreSQL; sees to it that its logins and its database are there, the tables aside. */
export async function startLocalDatabase(paths: StatePaths, settings: PostgresSettings): Promise<LocalDatabase> {
  let port: number | undefined;
  const part = new Part(async () => {
    const running = await startPostgres({
      directory: paths.postgres,
      settings,
      ...(port === undefined ? {} : { port }),
    });
    ({ port } = running);
    return running;
  });
  const { superuserUrl } = await part.start();
  try {
    const passwords = loginPasswords(paths);
    await withSuperuser(superuserUrl, async (superuser) => {
      await ensureRoles(superuser, passwords);
      await ensureDatabase(superuser, DATABASE);
    });
    const urls = loginUrls(superuserUrl, DATABASE, passwords);
    writeDatabaseUrls(paths, urls);
    const own = new URL(superuserUrl);
    own.pathname = `/${DATABASE}`;
    return { part, urls: { ...urls, superuser: own.href } };
  } catch (error) {
    await part.stop();
    throw error;
  }
}
