import { ACTIVITIES, type Activity } from './goods.js';
import type { Random } from './random.js';

/** One till and where it stands. `busyness`: its sales compared with the average till's. */
export interface PlannedTill {
  readonly terminalId: string;
  readonly busyness: number;
  readonly premises: PlannedPremises;
}

export interface PlannedPremises {
  readonly premisesId: string;
  readonly name: string;
  readonly region: string;
  readonly activity: Activity;
  readonly address: string;
  readonly taxpayerId: string;
  readonly taxpayerName: string;
}

export const REGIONS = ['North', 'South', 'East', 'West', 'Islands'] as const;
/** Shares of the shops. */
const REGION_WEIGHTS = [30, 28, 20, 17, 5];
const ACTIVITY_WEIGHTS = [30, 25, 18, 10, 10, 7];
/** Tills of one shop, and how many of the shops have so many. */
const SHOP_SIZES = [1, 2, 4, 8];
const SHOP_SIZE_WEIGHTS = [55, 28, 13, 4];
/** One shop in five belongs to a chain of up to so many. */
const CHAIN_SHARE = 0.2;
const CHAIN_SHOPS_MAX = 6;

const OWNERS = ['Ashdown', 'Birch', 'Calder', 'Denby', 'Elmore', 'Fenwick', 'Garth', 'Holt', 'Ilford', 'Jarrow'];
const STREETS = ['High Street', 'Market Square', 'Station Road', 'Mill Lane', 'Harbour Parade', 'Church Street'];
const KINDS: Readonly<Record<Activity, string>> = {
  grocery: 'Foods',
  cafe: 'Café',
  clothing: 'Clothing',
  pharmacy: 'Pharmacy',
  hardware: 'Hardware',
  books: 'Books',
};

interface Chain {
  readonly id: string;
  readonly name: string;
  readonly activity: Activity;
  readonly shopsLeft: number;
}

/** Shops, chains and tills of a country; the same for the same stream. */
export function planFleet(count: number, random: Random): readonly PlannedTill[] {
  const tills: PlannedTill[] = [];
  let chain: Chain | null = null;
  for (let shop = 1; tills.length < count; shop += 1) {
    const of = random.fork('shop', shop);
    const activity: Activity = chain?.activity ?? ACTIVITIES[of.weighted(ACTIVITY_WEIGHTS)] ?? 'grocery';
    const owner = chain?.name ?? `${of.pick(OWNERS)} ${KINDS[activity]}`;
    const taxpayerId = chain?.id ?? `taxpayer-${padded(shop)}`;
    const street = of.pick(STREETS);
    const premises: PlannedPremises = {
      premisesId: `premises-${padded(shop)}`,
      name: `${owner}, ${street}`,
      region: REGIONS[of.weighted(REGION_WEIGHTS)] ?? REGIONS[0],
      activity,
      address: `${of.whole(1, 180)} ${street}`,
      taxpayerId,
      taxpayerName: `${owner} Ltd`,
    };
    const size = Math.min(SHOP_SIZES[of.weighted(SHOP_SIZE_WEIGHTS)] ?? 1, count - tills.length);
    for (let lane = 0; lane < size; lane += 1)
      tills.push({
        terminalId: `till-${padded(tills.length + 1)}`,
        busyness: Math.exp(of.normal(-0.08, 0.4)),
        premises,
      });
    chain = nextOf(chain, { id: taxpayerId, name: owner, activity }, of);
  }
  return tills;
}

/** The chain that the next shop belongs to; null when it is nobody's but its own. */
function nextOf(chain: Chain | null, shop: Omit<Chain, 'shopsLeft'>, of: Random): Chain | null {
  if (chain !== null) return chain.shopsLeft > 1 ? { ...chain, shopsLeft: chain.shopsLeft - 1 } : null;
  return of.chance(CHAIN_SHARE) ? { ...shop, shopsLeft: of.whole(1, CHAIN_SHOPS_MAX - 1) } : null;
}

/** Ids that sort as they are numbered. */
function padded(number: number): string {
  return String(number).padStart(5, '0');
}
