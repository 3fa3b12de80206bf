import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BillingInterface, enrol, openTill } from '@tax-control/billing-interface';
import { draft, STILL } from '@tax-control/billing-interface/testing';
import { certificateThumbprint, encodeInvitation } from '@tax-control/protocol';
import { inTransaction } from '../../src/database/transaction.js';
import { createInvitation } from '../support/invitations.js';
import { type AnswerProxy, startAnswerProxy } from '../agent/answer-proxy.js';
import { publishParameters } from '../issuance/office.js';
import type { TestGround, TestServer } from '../support/server.js';
import { makeTerminal } from '../support/terminals.js';
import { testPool } from '../support/pool.js';

const PREMISES = { taxpayerId: 'corner-shop', premisesId: 'main-street' };
const INVITATION_DAYS = 7;

/** A shop whose till outlives databases: it keeps every receipt, those of a database that was lost included. */
export interface Shop {
  readonly till: BillingInterface;
  readonly line: AnswerProxy;
  /** Codes that were ever printed, by sale; none is there twice. */
  readonly given: ReadonlyMap<string, string>;
  /** Sells, has what had to wait issued, and prints. @throws when a code was printed before */
  sell(...saleIds: string[]): Promise<string[]>;
  /** Prints what has its code by now. */
  print(saleId: string): string;
  /** A new terminal of the shop, and the secret of its invitation. */
  invite(terminalId: string): Promise<string>;
  close(): Promise<void>;
}

export async function openShop(ground: TestGround, server: TestServer): Promise<Shop> {
  const directory = await mkdtemp(join(tmpdir(), 'till-'));
  const line = await startAnswerProxy(server.addresses.terminals.port);
  const addresses = [`https://127.0.0.1:${line.port}`];
  await publishParameters(ground, { addresses });
  const invite: Shop['invite'] = async (terminalId) => {
    await makeTerminal(ground, { terminalId, ...PREMISES });
    const operator = testPool({ connectionString: ground.database.operatorUrl, max: 1 });
    const { secret } = await inTransaction(operator, (client) => createInvitation(client, terminalId, INVITATION_DAYS));
    await operator.end();
    return secret;
  };
  const secret = await invite('till-1');
  const caDigest = certificateThumbprint(new X509Certificate(ground.ca));
  const invitation = encodeInvitation({ addresses, caDigest, terminalId: 'till-1', secret });
  const enrolled = await enrol({ invitation, directory });
  if (enrolled.result !== 'enrolled') throw new Error(`not enrolled: ${enrolled.detail}`);
  const till = await openTill({ directory, software: { name: 'Till', version: '1' }, pace: STILL });
  const given = new Map<string, string>();
  const print = (saleId: string): string => {
    const sale = till.lookUp(saleId);
    if (sale?.result !== 'issued') throw new Error(`${saleId} has no code: ${JSON.stringify(sale)}`);
    const before = given.get(sale.code);
    if (before !== undefined) throw new Error(`${saleId} got the code of ${before}: ${sale.code}`);
    given.set(sale.code, saleId);
    return sale.code;
  };
  return {
    till,
    line,
    given,
    print,
    invite,
    sell: async (...saleIds) => {
      for (const saleId of saleIds) await till.issue(saleId, draft(saleId));
      await till.drain();
      return saleIds.map(print);
    },
    close: async () => {
      await till.close();
      await line.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The number in a code. */
export function numberOf(code: string): number {
  return Number(code.slice(0, 12));
}
