import { type Invoice, type InvoiceResult } from '@tax-control/protocol';
import { TerminalDirectory } from '../../src/registry/terminal-directory.js';
import { publishParameters, type SignedSale, Till } from '../issuance/office.js';
import { call } from '../support/client.js';
import { makeGround, startTestServer, type TestGround, type TestServer } from '../support/server.js';
import { makeTerminal, type TestTerminalOptions } from '../support/terminals.js';
import { testPool } from '../support/pool.js';

/** A server with published parameters, and tills that sell through its doors. */
export interface ConsoleGround {
  readonly server: TestServer;
  readonly ground: TestGround;
  /** A new till in premises of its own taxpayer unless told otherwise. */
  till(options?: TestTerminalOptions & { readonly region?: string }): Promise<Till>;
  /** Sells over real TLS, and gives the answer and what was signed. */
  sell(till: Till, overrides?: Partial<Invoice>): Promise<SignedSale & { readonly answer: InvoiceResult }>;
  /** Sends what is to be refused. */
  send(till: Till, jws: string): Promise<number>;
  close(): Promise<void>;
}

export async function openConsoleGround(): Promise<ConsoleGround> {
  const ground = await makeGround();
  await publishParameters(ground);
  const server = await startTestServer({ ground });
  const pool = testPool({ connectionString: ground.database.serverUrl, max: 2 });
  pool.on('error', () => undefined);
  const directory = new TerminalDirectory(pool);
  const issue = (till: Till, jws: string) =>
    call<InvoiceResult>(server, '/v1/invoices', { terminal: till.terminal, body: { invoice: jws } });
  return {
    server,
    ground,
    till: async ({ region, ...options } = {}) => {
      const terminal = await makeTerminal(ground, options);
      if (region !== undefined)
        await ground.superuser.query('UPDATE premises SET region = $2 WHERE premises_id = $1', [
          terminal.premisesId,
          region,
        ]);
      return new Till(terminal, directory);
    },
    sell: async (till, overrides = {}) => {
      const sale = till.sign(overrides);
      const answer = await issue(till, sale.jws);
      if (answer.status !== 200) throw new Error(`the sale was refused: ${answer.text}`);
      return { ...sale, answer: answer.json() };
    },
    send: async (till, jws) => (await issue(till, jws)).status,
    close: async () => {
      await server.stop();
      await pool.end();
      await ground.clear();
    },
  };
}

/** Hours around now, as a query. */
export function aroundNow(hours = 24): { readonly from: string; readonly to: string } {
  const hourMs = 60 * 60 * 1000;
  return {
    from: new Date(Date.now() - hours * hourMs).toISOString(),
    to: new Date(Date.now() + hours * hourMs).toISOString(),
  };
}

/** Actions and subjects in the audit trail, the oldest first. */
export async function trailOf(ground: TestGround, official: string): Promise<(string | null)[][]> {
  const { rows } = await ground.superuser.query<{ action: string; subject: string | null; reason: string | null }>(
    `SELECT action, subject, reason FROM audit_trail WHERE official_name = $1 ORDER BY trail_id`,
    [official],
  );
  return rows
    .filter(({ action }) => !action.startsWith('session.'))
    .map(({ action, subject, reason }) => [action, subject, reason]);
}
