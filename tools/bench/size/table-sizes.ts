import type { Client } from 'pg';

/** Bytes of a table with all its partitions. `toast`: what was moved out of its rows, compressed, and the maps. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  readonly heap: number;
  readonly toast: number;
  readonly indexes: number;
}

/** Sizes of all tables that hold anything, the largest first. Rows are as ANALYZE counted them. */
export async function readTableSizes(client: Client): Promise<TableSize[]> {
  await client.query('VACUUM (ANALYZE)');
  const { rows } = await client.query<Record<keyof TableSize, string>>(`
    SELECT COALESCE(pg_partition_root(pg_class.oid), pg_class.oid)::regclass::text AS table,
           sum(greatest(reltuples, 0))::bigint AS rows, sum(pg_relation_size(pg_class.oid)) AS heap,
           sum(pg_table_size(pg_class.oid) - pg_relation_size(pg_class.oid)) AS toast, sum(pg_indexes_size(pg_class.oid)) AS indexes
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    GROUP BY 1 HAVING sum(greatest(reltuples, 0)) > 0
    ORDER BY sum(pg_total_relation_size(pg_class.oid)) DESC`);
  return rows.map(({ table, ...figures }) => ({
    table,
    rows: Number(figures.rows),
    heap: Number(figures.heap),
    toast: Number(figures.toast),
    indexes: Number(figures.indexes),
  }));
}

export function totalBytes({ heap, toast, indexes }: TableSize): number {
  return heap + toast + indexes;
}
