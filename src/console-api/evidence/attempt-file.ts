import type { Pool } from 'pg';
import type { AttemptRow } from '@tax-control/protocol/console';
import { listAttemptsOfShop } from '../../log-analytics/attempts/attempts-of-shop.js';
import { columns } from '../csv/table.js';
import type { EvidenceCounts, ManifestHead } from './evidence-order.js';
import { tablePieces } from './table-pieces.js';
import type { EvidenceFile } from './zip-pieces.js';

const ATTEMPT_COLUMNS = columns<AttemptRow>(
  'terminalId',
  'entryId',
  'at',
  'receivedAt',
  'source',
  'door',
  'invoiceId',
  'outcome',
  'cause',
  'detail',
  'address',
  'connectMs',
  'tlsMs',
  'answerMs',
  'totalMs',
);

/** Attempts of the period, successful ones too. */
export function attemptFile(pool: Pool, { premisesId, from, to }: ManifestHead, counts: EvidenceCounts): EvidenceFile {
  const span = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  const pieces = tablePieces(ATTEMPT_COLUMNS, async function* () {
    for await (const rows of listAttemptsOfShop(pool, premisesId, span)) {
      counts.logEntries += rows.length;
      yield rows;
    }
  });
  return { path: 'log-entries.csv', content: pieces };
}
