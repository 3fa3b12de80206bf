import type { PoolClient } from 'pg';

/** How the planner may read and join tables, as far as somebody here knows better (PostgreSQL manual, 19.7.1). */
export type PlanMethod = 'bitmapscan' | 'seqscan' | 'hashjoin' | 'mergejoin';

/**
 * What reads all new rows and sorts them to take the first: the planner expects few, but after an outage it is a night's. With 24,000 of them
 * behind a mark, looking for the next 2,000 took 10 ms, and as they lie in the index a fraction of that.
 */
export const PLANS_FOR_FEW: readonly PlanMethod[] = ['bitmapscan', 'seqscan'];

/**
 * Runs `work` while the planner takes some methods only where there is no other way. Needs a transaction: settings end with it, so where `work`
 * fails nothing is left behind. Not to be nested: all are on again afterwards.
 */
export async function planWithout<T>(
  client: PoolClient,
  methods: readonly PlanMethod[],
  work: () => Promise<T>,
): Promise<T> {
  await client.query(SWITCH, ['off', methods]);
  const result = await work();
  await client.query(SWITCH, ['on', methods]);
  return result;
}

const SWITCH = `SELECT set_config('enable_' || method, $1, true) FROM unnest($2::text[]) AS method`;
