import { join } from 'node:path';
import { BOOKS } from '../../demo/goods.js';
import type { DemoTill } from '../../demo/sales-book.js';
import { enrolTill } from '../../fleet/enrol-till.js';
import { addTaxRate, registerShop, type ShopPlan } from '../../fleet/register-shop.js';
import { SERVERS } from '../installation.js';
import { secondsSince, type Stage, waitUntilReady } from '../stage.js';

const RATES_FROM = '2011-01-04';

const SHOP: ShopPlan = {
  taxpayerId: 'harbour-books',
  taxpayerName: 'Harbour Books Ltd',
  premisesId: 'quayside',
  premisesName: 'Harbour Books, Quayside',
  region: 'North',
  activity: 'books',
  address: '3 Quayside',
  terminalIds: ['books-1'],
};

/** What the first day came to. */
export interface Opening {
  readonly till: DemoTill;
  readonly firstCode: string;
  readonly upToReadySeconds: number;
  readonly upToFirstCodeSeconds: number;
}

/** From empty volumes to the first code: `up`, what the operator does, and a till on this machine that enrols and sells. */
export async function openShop(stage: Stage, tills: string): Promise<Opening> {
  const { installation, narrator, book } = stage;
  narrator.step('Up: database, keys, migration, addresses, two servers');
  const began = performance.now();
  await installation.up();
  await Promise.all(SERVERS.map((server) => waitUntilReady(stage, server)));
  const upToReadySeconds = secondsSince(began);
  narrator.say(`Both servers are ready after ${upToReadySeconds} s.`);

  narrator.step('The operator registers a shop; its till, outside of the containers, enrols and sells');
  await addTaxRate(installation, 'standard', '20', RATES_FROM);
  await addTaxRate(installation, 'zero', '0', RATES_FROM);
  const [invited] = await registerShop(installation, SHOP);
  if (invited === undefined) throw new Error('No till was invited.');
  const directory = join(tills, invited.terminalId);
  const billing = await enrolTill(invited.invitation, directory, 'containers');
  const till = { terminalId: invited.terminalId, shopName: SHOP.premisesName, articles: BOOKS, directory, billing };
  const { result } = await book.sell(till);
  const upToFirstCodeSeconds = secondsSince(began);
  if (result.result !== 'issued') {
    await billing.close();
    const why = result.result === 'stored_offline' ? result.detail : result.problem.detail;
    throw new Error(`The first sale got no code (${result.result}): ${why ?? ''}`);
  }
  narrator.check(true, `The first code, ${result.code}, came ${upToFirstCodeSeconds} s after up.`);
  return { till, firstCode: result.code, upToReadySeconds, upToFirstCodeSeconds };
}
