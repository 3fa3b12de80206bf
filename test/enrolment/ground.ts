import type { Pool } from 'pg';
import { inTransaction } from '../../src/database/transaction.js';
import { createInvitation } from '../support/invitations.js';
import { addPremises, addTaxpayer } from '../../src/registry/shop-changes.js';
import { addTerminals } from '../../src/registry/terminal-changes.js';
import { testPool } from '../support/pool.js';
import { startTestServer, type TestServer } from '../support/server.js';
import { type Applicant, certificateOf, enrol, makeApplicant } from './till.js';

const INVITATION_DAYS = 7;

/** A till with its certificate, as node:https takes both. */
export interface EnrolledTill {
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly applicant: Applicant;
}

/** A server with premises in which terminals can be registered. */
export interface EnrolmentGround {
  readonly server: TestServer;
  readonly operator: Pool;
  /** Registers a new terminal and gives its id. */
  register(): Promise<string>;
  /** The secret of a new invitation. */
  invite(terminalId: string): Promise<string>;
  enrolled(terminalId: string): Promise<EnrolledTill>;
  certificatesOf(terminalId: string): Promise<number>;
  stop(): Promise<void>;
}

export async function startEnrolmentGround(): Promise<EnrolmentGround> {
  const server = await startTestServer();
  const operator = testPool(server.database.operatorUrl);
  await addTaxpayer(operator, { taxpayerId: 'X1', name: 'Owner' });
  const rest = { name: 'Shop', region: 'North', activity: 'retail', address: 'Road 1' };
  await addPremises(operator, { premisesId: 'P1', taxpayerId: 'X1', ...rest });
  let tills = 0;
  const ground: EnrolmentGround = {
    server,
    operator,
    register: async () => {
      tills += 1;
      await addTerminals(operator, [{ terminalId: `T${tills}`, premisesId: 'P1' }]);
      return `T${tills}`;
    },
    invite: async (terminalId) =>
      (await inTransaction(operator, (client) => createInvitation(client, terminalId, INVITATION_DAYS))).secret,
    enrolled: async (terminalId) => {
      const applicant = await makeApplicant();
      const secret = await ground.invite(terminalId);
      const certificate = certificateOf(await enrol(server, terminalId, secret, await applicant.request()));
      return { keyPem: applicant.keyPem, certificatePem: certificate.toString(), applicant };
    },
    certificatesOf: async (terminalId) => {
      const { rows } = await server.superuser.query('SELECT FROM terminal_certificate WHERE terminal_id = $1', [
        terminalId,
      ]);
      return rows.length;
    },
    stop: async () => {
      await operator.end();
      await server.stop();
    },
  };
  return ground;
}
