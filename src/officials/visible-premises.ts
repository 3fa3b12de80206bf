import type { OfficialView } from '@tax-control/protocol/console';
import { premisesOfRegions, premisesOfTaxpayers } from '../registry/taxpayers.js';
import type { Sql } from '../registry/sql.js';
import type { VisiblePremises } from './view.js';

/** The one place where a view becomes premises. Read at each request, so that new premises and changed views count at once. */
export async function resolveView(sql: Sql, view: OfficialView): Promise<VisiblePremises> {
  if (view.kind === 'all') return 'all';
  return view.kind === 'regions' ? premisesOfRegions(sql, view.regions) : premisesOfTaxpayers(sql, view.taxpayerIds);
}
