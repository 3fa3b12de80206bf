import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runAudit } from '../tools/audit/audit.js';
import { type LocalInstallation, startLocal } from '../tools/local/start-local.js';
import { project } from './documents/pages.js';

const SIMULATOR = join(project, 'dist/tools/simulator/main.js');
const run = promisify(execFile);

interface Simulated {
  readonly simulate: Readonly<Record<string, number>> & { readonly odd: { readonly badClock: string } };
}

let directory: string;
let result: Simulated['simulate'];
let local: LocalInstallation | undefined;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'simulated-'));
  await chmod(directory, 0o711);
  const size = ['--days', '1', '--tills', '8', '--sales', '10', '--until', '2020-11-07'];
  const flags = [...size, '--directory', join(directory, 'local'), '--json'];
  const { stdout } = await run(process.execPath, [SIMULATOR, ...flags]);
  ({ simulate: result } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Simulated);
  local = await startLocal({ directory: join(directory, 'local') });
}, 120_000);
afterAll(async () => {
  await local?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: local!.databaseUrls.auditor });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a simulated day', () => {
  it('is on file as the tills counted it, dated in the past', async () => {
    const [onFile] = await ask(
      `SELECT count(*)::int AS invoices, count(*) FILTER (WHERE door = 'reissue')::int AS reissued,
              min(registered_at)::date::text AS first, max(registered_at)::date::text AS last FROM ledger`,
    );
    const { invoices = 0, refused = 0, stillWaiting = 0 } = result;
    expect(invoices).toBeGreaterThan(30);
    expect(onFile).toEqual({
      invoices: invoices - refused - stillWaiting,
      reissued: result['reissued'],
      first: '2020-11-07',
      last: '2020-11-07',
    });
    expect(result['reissued']).toBeGreaterThan(0);
    expect(await ask('SELECT count(*)::int AS n FROM transaction_log_entry')).toEqual([{ n: result['logEntries'] }]);
  });

  it('gives codes at the time of sale', async () => {
    const late = `SELECT count(*)::int AS n FROM ledger
                  WHERE door = 'issue' AND terminal_id <> $$${result.odd.badClock}$$
                    AND abs(extract(epoch FROM registered_at - ledger.issued_at)) > 30`;
    expect(await ask(late)).toEqual([{ n: 0 }]);
  });

  it('dates what PostgreSQL dates by itself as well, and leaves nothing of that behind', async () => {
    const late = `SELECT count(*)::int AS n FROM transaction_log_entry WHERE received_at - at > interval '1 day'`;
    expect(await ask(late)).toEqual([{ n: 0 }]);
    expect(await ask(`SELECT proname FROM pg_proc WHERE proname = 'simulated_time'`)).toEqual([]);
  });

  it('keeps every promise that the audit checks', async () => {
    const { verdicts } = await runAudit({
      databaseUrl: local!.databaseUrls.auditor,
      keysDirectory: local!.paths.keys,
      tillExports: [],
    });
    expect(verdicts.filter(({ held }) => held === false)).toEqual([]);
  });
});
