import { describe, expect, it } from 'vitest';
import type { Filter } from '@tax-control/protocol/console';
import { PremisesDirectory } from '../../registry/premises-directory.js';
import type { Sql } from '../../registry/sql.js';
import { resolveScope, type Scope, type View } from './scope.js';

const PLACES = [
  ['north-1', 'north', 'anna'],
  ['north-2', 'north', 'bert'],
  ['south-1', 'south', 'anna'],
  ['south-2', 'south', 'cleo'],
  ['south-3', 'south', 'cleo'],
].map(([premisesId, region, taxpayerId]) => ({ premisesId, region, taxpayerId }));

/** The two questions of the directory. */
const tables = {
  query: (statement: string, values: unknown[] = []) => {
    const terminals = (values[0] as string[] | undefined)?.map((id) => ({
      terminalId: id,
      premisesId: id.slice(0, 7),
    }));
    return Promise.resolve({ rows: statement.includes('FROM terminal') ? terminals : PLACES });
  },
} as unknown as Sql;

function resolve(view: View, filter: Filter = {}): Promise<Scope> {
  return resolveScope(new PremisesDirectory(tables), view, filter);
}

async function units(view: View, filter: Filter = {}): Promise<string[]> {
  return (await resolve(view, filter)).units.map(({ level, id }) => `${level} ${id}`);
}

describe('resolveScope', () => {
  it('covers what is seen with as few sums as there are', async () => {
    expect(await units('all')).toEqual(['all ']);
    expect(await units('all', { regions: ['north', 'south'] })).toEqual(['all ']);
    expect(await units('all', { regions: ['south'] })).toEqual(['region south']);
    expect(await units(['north-1', 'north-2', 'south-2', 'south-3'])).toEqual(['region north', 'taxpayer cleo']);
    expect(await units(['south-1', 'south-2'])).toEqual(['premises south-1', 'premises south-2']);
    expect(await units('all', { taxpayerIds: ['anna'] })).toEqual(['taxpayer anna']);
    expect(await units('all', { taxpayerIds: ['anna'], regions: ['south'] })).toEqual(['premises south-1']);
  });

  it('never takes all for somebody who may not see all', async () => {
    expect(await units(PLACES.map(({ premisesId }) => premisesId ?? ''))).toEqual(['region north', 'region south']);
    expect(await units([])).toEqual([]);
  });

  it('never widens a view by a filter', async () => {
    expect(await resolve(['north-1'], { regions: ['south'] })).toEqual({ units: [], premises: [], terminals: null });
    expect(await resolve(['north-1'], { terminalIds: ['south-1-a', 'north-1-b'] })).toEqual({
      units: [{ level: 'terminal', id: 'north-1-b' }],
      premises: ['north-1'],
      terminals: ['north-1-b'],
    });
  });
});
