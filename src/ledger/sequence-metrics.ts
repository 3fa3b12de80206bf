import type { Environment } from '@tax-control/protocol';
import type { Metrics } from '../observability/metrics/metrics.js';
import type { Queryable } from './queryable.js';
import { SEQUENCES } from './reserve-numbers.js';

/** The sequence lasts for decades. */
const KEEP_MS = 60_000;

interface SequencePlace {
  readonly left: number;
  readonly all: number;
}

/** Offers how many numbers the sequence in use has left. At the last one no code is given any more. */
export function offerSequenceMetrics(metrics: Metrics, sql: Queryable, environment: Environment): void {
  const place = metrics.figures.add('sequence', KEEP_MS, () => readPlace(sql, environment));
  metrics.gauge({
    name: 'tax_control_sequence_numbers_left',
    help: 'Numbers that the sequence in use can still give.',
    read: () => (place.value === null ? [] : [{ value: place.value.left }]),
  });
  metrics.gauge({
    name: 'tax_control_sequence_numbers',
    help: 'Numbers that the sequence in use had in the beginning.',
    read: () => (place.value === null ? [] : [{ value: place.value.all }]),
  });
}

async function readPlace(sql: Queryable, environment: Environment): Promise<SequencePlace> {
  const { rows } = await sql.query<{ given: string | null; first: string; last: string }>(
    `SELECT pg_sequence_last_value(seqrelid) AS given, seqmin AS first, seqmax AS last
     FROM pg_sequence WHERE seqrelid = $1::regclass`,
    [SEQUENCES[environment]],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`the sequence ${SEQUENCES[environment]} is not there`);
  const last = Number(row.last);
  const before = Number(row.first) - 1;
  return { left: last - (row.given === null ? before : Number(row.given)), all: last - before };
}
