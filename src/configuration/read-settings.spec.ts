import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.js';
import type { Environment } from './read-variables.js';
import { SettingsError } from './settings-error.js';

const PASSWORD = 'hunter2-is-no-password';
const complete: Environment = {
  DATABASE_URL: `postgresql://server:${PASSWORD}@127.0.0.1:5432/tax`,
  KEYS_DIRECTORY: '/var/lib/tax-control/keys',
};

function brokenRules(environment: Environment): string[] {
  try {
    readSettings(environment);
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.brokenRules.map(({ name, rule }) => `${name} ${rule}`);
  }
}

function messageOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('settings from the environment', () => {
  it('are nested, typed and frozen', () => {
    const settings = readSettings({ ...complete, TERMINALS_PORT: '0', LOG_LEVEL: 'debug' });
    expect(settings.database.poolSize).toBe(10);
    expect(settings.listeners).toEqual({
      terminals: { host: '0.0.0.0', port: 0, tlsMinimum: 'TLSv1.3' },
      public: { host: '0.0.0.0', port: 9443, certificate: null },
      operator: { host: '127.0.0.1', port: 9090 },
      proxyProtocolFrom: [],
    });
    expect(settings.log.level).toBe('debug');
    expect(Object.isFrozen(settings.listeners.terminals)).toBe(true);
  });

  it('have no default for what is secret or particular to the place, and name all that is missing at once', () => {
    expect(brokenRules({})).toEqual([
      expect.stringMatching(/^DATABASE_URL must be set/),
      expect.stringMatching(/^KEYS_DIRECTORY must be set/),
    ]);
  });

  it.each(['', ' ', '0x10', '1e3', '10.0', '-1', '+5', '05', '65536', '99999999999999999999', 'NaN'])(
    'take no %j for a port',
    (text) => {
      const broken = brokenRules({ ...complete, PUBLIC_PORT: text });
      // An empty text is how compose files say "not set".
      expect(broken).toEqual(
        text === '' ? [] : ['PUBLIC_PORT must be a whole number from 0 to 65535, in plain digits'],
      );
    },
  );

  it.each([
    ['DATABASE_URL', 'mysql://root:hunter2-is-no-password@db/tax'],
    ['DATABASE_URL', 'hunter2-is-no-password'],
    ['TERMINALS_TLS_MINIMUM', 'TLSv1.1'],
    ['LOG_LEVEL', 'hunter2-is-no-password'],
    ['OPERATOR_HOST', 'http://hunter2-is-no-password'],
    ['PROXY_PROTOCOL_FROM', '10.0.0.1, hunter2-is-no-password'],
  ])('name a broken %s and its rule, never the value', (name, value) => {
    const read = () => readSettings({ ...complete, [name]: value });
    expect(read).toThrow(`${name}: must be `);
    const message = messageOf(read);
    expect(message).not.toContain(PASSWORD);
    expect(message).not.toContain(value);
  });

  it.each([
    ['REQUEST_HEADERS_TIMEOUT_MS', { REQUEST_HEADERS_TIMEOUT_MS: '500', REQUEST_TIMEOUT_MS: '400' }],
    ['DATABASE_POOL_SIZE', { DATABASE_POOL_SIZE: '3', ISSUANCE_LISTS_IN_FLIGHT_MAX: '2' }],
    ['ISSUANCE_QUEUE_INVOICES_MAX', { ISSUANCE_QUEUE_INVOICES_MAX: '10' }],
    ['PUBLIC_CERTIFICATE_FILE', { PUBLIC_KEY_FILE: '/etc/key.pem' }],
    ['TERMINALS_PORT', { TERMINALS_PORT: '9443' }],
  ])('are checked against each other: %s', (name, some) => {
    expect(brokenRules({ ...complete, ...some })).toEqual([expect.stringMatching(new RegExp(`^${name} must `))]);
  });
});

describe('secrets in files', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'settings-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('are read from the file that NAME_FILE names', () => {
    const file = join(directory, 'url');
    writeFileSync(file, `${complete.DATABASE_URL}\n`);
    const settings = readSettings({ DATABASE_URL_FILE: file, KEYS_DIRECTORY: directory });
    expect(settings.database.url).toBe(complete.DATABASE_URL);
  });

  it('are refused when the file is missing, once', () => {
    expect(brokenRules({ DATABASE_URL_FILE: join(directory, 'none'), KEYS_DIRECTORY: directory })).toEqual([
      'DATABASE_URL DATABASE_URL_FILE names a file that cannot be read by this process',
    ]);
  });

  it('are refused when given twice', () => {
    expect(brokenRules({ ...complete, DATABASE_URL_FILE: join(directory, 'none') })).toEqual([
      'DATABASE_URL must not be set together with DATABASE_URL_FILE: remove one of the two',
    ]);
  });
});
