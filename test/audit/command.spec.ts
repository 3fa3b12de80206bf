import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLine, type ForgedLedger } from './forged-ledger.js';
import { ledgerInOrder } from './ledger-in-order.js';

const PROGRAM = join('dist', 'tools', 'audit', 'main.js');

let ledger: ForgedLedger;
beforeAll(async () => {
  ledger = await ledgerInOrder();
});
afterAll(() => ledger.delete());

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly error: string;
}

function run(environment: NodeJS.ProcessEnv, ...options: readonly string[]): Promise<Ended> {
  const { PATH } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...options], { env: { PATH, ...environment } }, (failure, out, error) => {
      resolve({ status: failure === null ? 0 : Number(failure.code), out, error });
    });
  });
}

describe('the command', () => {
  it('says that all holds, and ends with 0', async () => {
    const file = await ledger.writeExport(ledger.issued.map((forged) => exportLine(forged)));
    const { database, keysDirectory } = ledger;
    const ended = await run({ DATABASE_URL: database.auditorUrl }, '--keys', keysDirectory, '--till-export', file);
    expect(ended).toMatchObject({ status: 0, error: '' });
    expect(ended.out).toContain('✓ I3            5  every receipt that a till holds is in the database');
    expect(ended.out.trimEnd().split('\n').at(-1)).toBe('All that was checked holds.');
  });

  it('prints one line of JSON for programs, and ends with 1 when something does not hold', async () => {
    const file = await ledger.writeExport([exportLine(ledger.signNext(ledger.tills[0]!))]);
    const environment = { DATABASE_URL: ledger.database.auditorUrl };
    const options = ['--keys', ledger.keysDirectory, '--till-export', file, '--json'];
    const { status, out } = await run(environment, ...options);
    expect(status).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      held: false,
      environment: 'test',
      verdicts: { I1: { held: true, checked: 5 }, I4: { held: false, findingCount: 1 } },
    });
    expect((await run(environment, ...options, '--allow-waiting')).status).toBe(0);
  });

  it.each([
    ['no database', {}, ['--keys', 'x'], 2, 'Name the database'],
    ['no keys', {}, [], 2, '--keys'],
    [
      'keys that are none',
      { DATABASE_URL: 'postgres://localhost:1/x' },
      ['--keys', '/nowhere'],
      2,
      'tax-control keys init',
    ],
  ])('says what to do about %s', async (_what, environment, options, status, sentence) => {
    const ended = await run(environment, ...options);
    expect(ended).toMatchObject({ status, out: '' });
    expect(ended.error).toContain(sentence);
  });

  it('ends with 3 when the database or an export cannot be read, and shows no password', async () => {
    const { keysDirectory, database } = ledger;
    const away = await run({ DATABASE_URL: 'postgres://auditor:secret-word@127.0.0.1:1/x' }, '--keys', keysDirectory);
    expect(away).toMatchObject({ status: 3, out: '' });
    expect(away.error).toContain('The audit could not be made');
    expect(away.error).not.toContain('secret-word');
    const options = ['--keys', keysDirectory, '--till-export', join(ledger.folder, 'missing.jsonl')];
    const missing = await run({ DATABASE_URL: database.auditorUrl }, ...options);
    expect(missing).toMatchObject({ status: 3, out: '' });
    expect(missing.error).toContain('missing.jsonl');
  });
});
