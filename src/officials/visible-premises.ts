import type { OfficialView } from '@tax-control/protocol/console';
import { premisesOfRegions, premisesOfTaxpayers } from '../registry/taxpayers.js';
import type { Sql } from '../registry/sql.js';
import type { VisiblePremises } from './view.js';

/** The one place where a view becomes premises. Read at each request, so that new premises and changed views count at once. */
export async function resolveView(sql: Sql, view: OfficialView): Promise<VisiblePremises> {
  switch (view.kind) {
    case 'all':
      return 'all';
    case 'regions':
      return premisesOfRegions(sql, view.regions);
    case 'taxpayers':
      return premisesOfTaxpayers(sql, view.taxpayerIds);
  }
}
