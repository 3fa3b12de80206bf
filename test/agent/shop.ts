import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { type AnswerProxy, startAnswerProxy } from './answer-proxy.js';
import { taxTerminal } from './till-process.js';

const TAX_CONTROL = fileURLToPath(new URL('../../dist/src/commands/main.js', import.meta.url));
const run = promisify(execFile);

/** A shop with its server: registered by the operator's command, enrolled by the till's, with a line between that can go bad. */
export interface Shop {
  readonly ground: TestGround;
  readonly server: TestServer;
  readonly line: AnswerProxy;
  /** Folder that holds the folders of the tills. */
  readonly directory: string;
  control(...commandLine: string[]): Promise<Record<string, unknown>>;
  /** Registers and enrols a till; its folder. */
  addTill(terminalId: string): Promise<string>;
  close(): Promise<void>;
}

const PREMISES = ['--name', 'Main Street', '--region', 'north', '--activity', 'retail', '--address', '1 Main Street'];

/** Long for a customer, so that a busy machine does not make a sale an offline one; a lost answer is waited for as long. */
const DEADLINE_MS = '8000';

export async function openShop(): Promise<Shop> {
  const ground = await makeGround('test');
  const server: TestServer = await startTestServer({ ground });
  const line = await startAnswerProxy(server.addresses.terminals.port);
  const directory = await mkdtemp(join(tmpdir(), 'agent-shop-'));
  const env = { DATABASE_URL: ground.database.operatorUrl, KEYS_DIRECTORY: ground.keysDirectory };
  const control: Shop['control'] = async (...commandLine) => {
    const { stdout } = await run(process.execPath, [TAX_CONTROL, ...commandLine, '--json'], { env });
    return JSON.parse(stdout) as Record<string, unknown>;
  };
  const address = `https://127.0.0.1:${line.port}`;
  await control('taxpayer', 'add', 'corner-shop', '--name', 'Corner Shop Ltd');
  await control('premises', 'add', 'main-street', '--taxpayer', 'corner-shop', ...PREMISES);
  await control('tax-rate', 'add', 'standard', '--rate', '20', '--from', '2020-01-01');
  await control(
    'parameters',
    'set',
    '--address',
    address,
    '--verification-url',
    'https://check.example',
    '--threshold',
    '50',
    '--deadline-ms',
    DEADLINE_MS,
  );
  return {
    ground,
    server,
    line,
    directory,
    control,
    addTill: async (terminalId) => {
      const { invitation } = await control(
        'terminal',
        'register',
        terminalId,
        '--premises',
        'main-street',
        '--address',
        address,
      );
      const folder = join(directory, terminalId);
      const enrolled = await taxTerminal(['enrol', '--directory', folder, '--json'], String(invitation));
      if (enrolled.status !== 0) throw new Error(`Enrolment failed: ${enrolled.out}${enrolled.err}`);
      return folder;
    },
    close: async () => {
      await line.close();
      await server.stop();
      await ground.clear();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
