import { Pool } from 'pg';
import type { Clock } from '@tax-control/protocol';
import { readDatabaseSettings, readKeysSettings, readSettings } from '../../configuration/read-settings.js';
import type { DatabaseSettings, Settings } from '../../configuration/settings.js';
import { SettingsError } from '../../configuration/settings-error.js';
import { DirectoryCustody } from '../../keys/directory-custody.js';
import { KeyFilesError } from '../../keys/key-files-error.js';
import { KeyRing } from '../../keys/key-ring.js';
import type { Finding, Parts } from './check.js';
import { failed, ok } from './check.js';
import { connectionFinding } from './connection-finding.js';
import { outliveLosses } from '../../database/lost-sessions.js';

/** One check asks after the other. */
const POOL_SIZE = 1;

/** The parts that could be had, and what was found while getting them. */
export interface OpenedParts {
  readonly parts: Partial<Parts>;
  readonly findings: readonly { readonly check: string; readonly finding: Finding }[];
  close(): Promise<void>;
}

/** Reads the settings, opens the database and loads the keys, each as far as it can be had without the others. */
export async function openParts(clock: Clock): Promise<OpenedParts> {
  const [settings, settingsFinding] = openSettings();
  const [database, databaseFinding] = await openDatabase();
  const [keys, keysFinding] = openKeys(settings, clock);
  return {
    parts: {
      ...(settings === null ? {} : { settings }),
      ...(database === null ? {} : { database }),
      ...(keys === null ? {} : { keys }),
    },
    findings: [
      { check: 'settings', finding: settingsFinding },
      { check: 'database', finding: databaseFinding },
      { check: 'keys', finding: keysFinding },
    ],
    close: async () => {
      await database?.end();
    },
  };
}

function openSettings(): [Settings | null, Finding] {
  const settings = orSettingsError(() => readSettings());
  if (!(settings instanceof SettingsError)) return [settings, ok('All settings of a server are valid.')];
  const rules = settings.brokenRules.map(({ name, rule }) => `${name} ${rule}`);
  return [
    null,
    failed(
      `Settings break their rules: ${rules.join('; ')}.`,
      'Run the doctor with the environment of the server, and set them there; .env.example explains each one.',
    ),
  ];
}

function orSettingsError<Part>(read: () => Part): Part | SettingsError {
  try {
    return read();
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
}

async function openDatabase(): Promise<[Pool | null, Finding]> {
  const settings = orSettingsError(() => readDatabaseSettings());
  if (settings instanceof SettingsError)
    return [null, { status: 'skipped', seen: 'Not looked at, because the settings do not say where it is.' }];
  const pool = makePool(settings);
  const finding = await connectionFinding(pool);
  if (finding.status === 'ok') return [pool, finding];
  await pool.end();
  return [null, finding];
}

function makePool({ url, connectTimeoutMs, statementTimeoutMs }: DatabaseSettings): Pool {
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: connectTimeoutMs,
    statement_timeout: statementTimeoutMs,
    application_name: 'tax-control doctor',
  });
  outliveLosses(pool);
  return pool;
}

function openKeys(settings: Settings | null, clock: Clock): [KeyRing | null, Finding] {
  const stated = orSettingsError(() => readKeysSettings());
  if (stated instanceof SettingsError)
    return [null, { status: 'skipped', seen: 'Not looked at, because the settings do not say where they are.' }];
  const own = settings?.listeners.public.certificate ?? null;
  const publicListener = own === null ? undefined : { certificate: own.certificateFile, key: own.keyFile };
  try {
    const ring = new KeyRing(new DirectoryCustody(stated.directory, publicListener), clock);
    return [ring, ok(`A whole set of keys of the ${ring.environment} environment, and they belong together.`)];
  } catch (error) {
    if (!(error instanceof KeyFilesError)) throw error;
    const [seen, ...advice] = error.message.split(/(?<=[.)]) (?=[A-Z])/);
    return [null, failed(seen ?? error.message, advice.join(' ') || 'Restore it from your backup.')];
  }
}
