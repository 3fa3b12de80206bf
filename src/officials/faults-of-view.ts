import type { Fault } from '@tax-control/protocol';
import type { OfficialRole, OfficialView } from '@tax-control/protocol/console';
import type { Sql } from '../registry/sql.js';
import { unknownRegions, unknownTaxpayers } from '../registry/taxpayers.js';
import { mayActAs } from './roles.js';

/** Unknown names told in one answer. */
const UNKNOWN_SHOWN = 10;

/** What is wrong with a view for these roles. A name that is not registered is most likely mistyped, and would show nothing. */
export async function faultsOfView(sql: Sql, view: OfficialView, roles: readonly OfficialRole[]): Promise<Fault[]> {
  if (view.kind === 'all') return [];
  if (mayActAs(roles, 'administrator') || mayActAs(roles, 'supervisor'))
    return [
      {
        pointer: '/view',
        detail: 'must be {"kind": "all"} for administrators and supervisors, who see what everybody does',
      },
    ];
  const unknown =
    view.kind === 'regions'
      ? { pointer: '/view/regions', names: await unknownRegions(sql, view.regions) }
      : { pointer: '/view/taxpayerIds', names: await unknownTaxpayers(sql, view.taxpayerIds) };
  if (unknown.names.length === 0) return [];
  return [
    {
      pointer: unknown.pointer,
      detail: `names what is not registered: ${unknown.names.slice(0, UNKNOWN_SHOWN).join(', ')}`,
    },
  ];
}
