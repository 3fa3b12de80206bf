import { createHash, X509Certificate } from 'node:crypto';
import { encodeInvitation } from '@tax-control/protocol';
import { choosePort } from '@tax-control/protocol/testing';
import { type BillingInterface, enrol, openTill } from '@tax-control/billing-interface';
import { temporaryFolder } from '@tax-control/billing-interface/testing';
import { createInvitation } from '../support/invitations.js';
import { publishParameters } from '../issuance/office.js';
import { makeGround, type TestGround } from '../support/server.js';
import { type ServerProcess, startServerProcess } from '../support/server-process.js';
import { makeTerminal } from '../support/terminals.js';

/** Longer than any sale takes while a server starts on the same two processors: what is tested is not the machine. */
const DEADLINE_MS = 20_000;

/** Two server processes on one database, and tills that know both addresses. */
export interface Pair {
  readonly ground: TestGround;
  /** The present process at each of the two places. */
  readonly servers: readonly [ServerProcess, ServerProcess];
  /** A till that was enrolled, with the address of `preferred` first. */
  openTill(terminalId: string, preferred: 0 | 1): Promise<BillingInterface>;
  /** Starts a server anew on the ports that it had. */
  restart(index: 0 | 1): Promise<void>;
  close(): Promise<void>;
}

export async function startPair(environment: Readonly<Record<string, string>> = {}): Promise<Pair> {
  const ground = await makeGround();
  const places = [await settingsOfPlace(environment), await settingsOfPlace(environment)] as const;
  const servers = await Promise.all([startServerProcess(ground, places[0]), startServerProcess(ground, places[1])]);
  const addresses = servers.map((server) => `https://127.0.0.1:${server.addresses.terminals.port}`);
  await publishParameters(ground, { addresses, deadlineMs: DEADLINE_MS });
  const caDigest = createHash('sha256').update(new X509Certificate(ground.ca).raw).digest('base64url');
  const endings: (() => Promise<void> | void)[] = [];
  return {
    ground,
    servers,
    openTill: async (terminalId, preferred) => {
      await makeTerminal(ground, { terminalId });
      const { secret } = await createInvitation(ground.superuser, terminalId, 1);
      const ordered = preferred === 0 ? addresses : addresses.toReversed();
      const invitation = encodeInvitation({ addresses: ordered, caDigest, terminalId, secret });
      const folder = temporaryFolder();
      endings.push(() => folder.remove());
      const enrolled = await enrol({ invitation, directory: folder.directory });
      if (enrolled.result !== 'enrolled') throw new Error(`the till was not enrolled: ${enrolled.detail}`);
      const till = await openTill({ directory: folder.directory, software: { name: 'Spec', version: '1.0.0' } });
      endings.push(() => till.close());
      return till;
    },
    restart: async (index) => {
      servers[index] = await startServerProcess(ground, places[index]);
    },
    close: async () => {
      for (const end of endings.toReversed()) await end();
      await Promise.all(servers.map((server) => server.end('SIGTERM')));
      await ground.clear();
    },
  };
}

/** Ports that nobody takes while the server is away. */
async function settingsOfPlace(environment: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  return {
    ...environment,
    TERMINALS_PORT: String(await choosePort()),
    PUBLIC_PORT: String(await choosePort()),
    OPERATOR_PORT: String(await choosePort()),
  };
}
