import type { AttemptRow, Gap, Page, PageQuery } from '@tax-control/protocol/console';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';

/** One shop in a period: `from` inclusive, `to` exclusive, RFC 3339. */
export interface ShopAndPeriod {
  readonly premisesId: string;
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}

/** What other modules know of a shop; never more than the official may see. */
export abstract class EvidenceSources {
  /** Gaps in the counters of the shop's terminals, whenever they arose. */
  abstract gaps(official: SignedInOfficial, shop: ShopAndPeriod, page: PageQuery): Promise<Page<Gap>>;
  /** Attempts of the period, successful ones too. */
  abstract attemptsOfShop(official: SignedInOfficial, shop: ShopAndPeriod, page: PageQuery): Promise<Page<AttemptRow>>;
}
