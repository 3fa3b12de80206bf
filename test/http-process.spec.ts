import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call } from './support/client.js';
import { createTestDatabase } from './support/database.js';
import { makeTestKeys } from './support/keys.js';
import { makeGround, type TestGround } from './support/server.js';
import { startServerProcess } from './support/server-process.js';

const MAIN = fileURLToPath(new URL('../dist/src/main.js', import.meta.url));
const EXIT_NOT_STARTED = 78;

let ground: TestGround;
beforeAll(async () => {
  ground = await makeGround();
});
afterAll(() => ground.clear());

describe('the server as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says where it listens, and ends in order at %s', async (signal) => {
    const server = await startServerProcess(ground, { RECOVERY_LOG_DIRECTORY: join(ground.keysDirectory, 'log') });
    expect((await call(server, '/health/ready', { listener: 'operator' })).status).toBe(200);
    expect(await server.end(signal)).toBe(0);
    const events = server.logLines.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(events).toEqual(['listening', 'stopping', 'stopped']);
  });
});

describe('the server does not start', () => {
  /** Runs it to its end; exit status and all that it said. */
  async function run(
    environment: Readonly<Record<string, string>>,
  ): Promise<{ status: number | null; output: string }> {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit') as Promise<[number | null]>;
    const output = await text(child.stdout);
    return { status: (await exited)[0], output };
  }

  it('on settings that break a rule, and names them all without their values', async () => {
    const { status, output } = await run({ ...ground.environment, TERMINALS_PORT: 'hunter2', LOG_LEVEL: 'hunter2' });
    expect(status).toBe(EXIT_NOT_STARTED);
    const { msg } = JSON.parse(output) as { msg: string };
    expect(msg).toMatch(/TERMINALS_PORT: must be [\s\S]*LOG_LEVEL: must be /);
    expect(output).not.toContain('hunter2');
  });

  it('on a database that was not migrated, and says what to do', async () => {
    const empty = await createTestDatabase(undefined, { empty: true });
    const { status, output } = await run({ ...ground.environment, DATABASE_URL: empty.serverUrl });
    await empty.drop();
    expect(status).toBe(EXIT_NOT_STARTED);
    expect((JSON.parse(output) as { msg: string }).msg).toContain('tax-control migrate');
  });

  it('with keys of another environment than the database’s, or without keys', async () => {
    const production = await makeTestKeys('production');
    await ground.superuser.query("INSERT INTO installation (environment) VALUES ('test') ON CONFLICT DO NOTHING");
    const wrong = await run({ ...ground.environment, KEYS_DIRECTORY: production.directory });
    await production.remove();
    const none = await run({ ...ground.environment, KEYS_DIRECTORY: production.directory });
    expect([wrong.status, none.status]).toEqual([EXIT_NOT_STARTED, EXIT_NOT_STARTED]);
    expect((JSON.parse(wrong.output) as { msg: string }).msg).toContain('this database serves the test environment');
    expect((JSON.parse(none.output) as { msg: string }).msg).toContain(production.directory);
  });
});
