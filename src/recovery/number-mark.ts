import type { Clock } from '@tax-control/protocol';
import type { RecoveryLog } from '../recovery-log/recovery-log.js';
import type { Sql } from '../registry/sql.js';

/**
 * A committed number, and not the sequence's last one: that may be of a transaction which a crash undoes, number and all, and then a mark above
 * it would make a sound database look like an older copy.
 */
const HIGHEST = `
SELECT sequence FROM ledger
WHERE sequence BETWEEN (SELECT min_value FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = $1)
                   AND (SELECT max_value FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = $1)
ORDER BY sequence DESC LIMIT 1`;

const SEQUENCES = { production: 'tax_control_number', test: 'tax_control_number_test' } as const;

/** Writes down how far the numbers have come, so that a copy of the database that has not come so far is noticed. */
export class NumberMark {
  #marked = 0;

  constructor(
    private readonly recoveryLog: RecoveryLog,
    private readonly environment: keyof typeof SEQUENCES,
    private readonly clock: Clock,
  ) {}

  /** Writes the highest number that was given, unless it is in the log already. */
  async write(sql: Sql): Promise<void> {
    const { rows } = await sql.query<{ sequence: string }>(HIGHEST, [SEQUENCES[this.environment]]);
    await this.writeNumber(Number(rows[0]?.sequence ?? 0));
  }

  /** Writes a number that may have been given, unless it or a higher one is in the log already. */
  async writeNumber(number: number): Promise<void> {
    if (number <= this.#marked) return;
    const at = new Date(this.clock.now()).toISOString();
    await this.recoveryLog.append({ kind: 'numbers_given', at, number });
    this.#marked = number;
  }
}
