import { join } from 'node:path';
import { enrolTill } from '../../fleet/enrol-till.js';
import { addTaxRate, publishParameters, registerShop, type ShopPlan } from '../../fleet/register-shop.js';
import type { LocalInstallation } from '../../local/start-local.js';
import { type Article, BOOKS, CAFE } from '../goods.js';
import type { Line } from '../line.js';
import type { Narrator } from '../narrator.js';
import type { DemoTill } from '../sales-book.js';

/** Small, so that a backlog takes several steps before the eyes of who watches. */
const DEMO_THRESHOLD = 10;
/** Rates are in force from long before the demo on. */
const RATES_FROM = '2011-01-04';

const SHOPS: readonly (ShopPlan & { readonly articles: readonly Article[] })[] = [
  {
    taxpayerId: 'harbour-books',
    taxpayerName: 'Harbour Books Ltd',
    premisesId: 'quayside',
    premisesName: 'Harbour Books, Quayside',
    region: 'North',
    activity: 'books',
    address: '3 Quayside',
    terminalIds: ['books-1'],
    articles: BOOKS,
  },
  {
    taxpayerId: 'corner-cafe',
    taxpayerName: 'Corner Café',
    premisesId: 'market-square',
    premisesName: 'Corner Café, Market Square',
    region: 'South',
    activity: 'catering',
    address: '12 Market Square',
    terminalIds: ['cafe-1', 'cafe-2'],
    articles: CAFE,
  },
];

/** The operator registers shops and tills, and publishes what tills are told. Returns one invitation for each till. */
export async function registerShops(
  local: LocalInstallation,
  line: Line,
  narrator: Narrator,
): Promise<Map<string, string>> {
  narrator.step('The operator registers two taxpayers and three tills');
  const bar = narrator.bar('tax-control command', SHOPS.length + 2);
  await addTaxRate(local, 'standard', '20', RATES_FROM);
  await addTaxRate(local, 'zero', '0', RATES_FROM);
  bar.update(1);
  const address = `https://127.0.0.1:${line.port}`;
  await publishParameters(local, { address, verificationUrl: local.addresses.public, threshold: DEMO_THRESHOLD });
  bar.update(2);
  const invitations = new Map<string, string>();
  for (const [index, shop] of SHOPS.entries()) {
    for (const till of await registerShop(local, shop)) invitations.set(till.terminalId, till.invitation);
    bar.update(index + 3);
  }
  bar.end();
  for (const { taxpayerName, terminalIds } of SHOPS)
    narrator.say(`${taxpayerName}: ${terminalIds.length === 1 ? 'till' : 'tills'} ${terminalIds.join(' and ')}`);
  narrator.say(
    'Each shop gets one line of text for each till, its invitation: where the server is, how to know it, and a secret for one use.',
  );
  return invitations;
}

/** Each till makes its key, and gets its certificate by RFC 7030. */
export async function enrolTills(
  invitations: ReadonlyMap<string, string>,
  folder: string,
  narrator: Narrator,
): Promise<DemoTill[]> {
  narrator.step('The tills enrol');
  const tills: DemoTill[] = [];
  for (const shop of SHOPS)
    for (const terminalId of shop.terminalIds) {
      const directory = join(folder, terminalId);
      const billing = await enrolTill(invitations.get(terminalId) ?? '', directory, 'demo');
      tills.push({ terminalId, shopName: shop.premisesName, articles: shop.articles, directory, billing });
    }
  const certified = tills.filter((till) => till.billing.status().certificateNotAfter !== null);
  const until = certified[0]?.billing.status().certificateNotAfter?.slice(0, 'YYYY-MM-DD'.length) ?? '?';
  narrator.check(
    certified.length === tills.length,
    `${certified.length} keys were made on the tills and never left them; certificates are good until ${until}.`,
  );
  return tills;
}
