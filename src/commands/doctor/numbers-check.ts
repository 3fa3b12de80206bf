import { check, failed, type Finding, ok, warning } from './check.js';

/** Of twelve digits a tenth is years for any country, and what follows the twelve digits takes years to agree upon. */
const LEFT_WARNING = 0.1;

interface SequenceRow {
  readonly last: string | null;
  readonly first: string;
  readonly highest: string;
  readonly cache: string;
  readonly cycle: boolean;
}

const SEQUENCES = { production: 'tax_control_number', test: 'tax_control_number_test' } as const;

/** Whether there are numbers left for tax control codes, and whether the sequence gives each of them once. */
export const numbersCheck = check({
  name: 'numbers',
  needs: ['database', 'keys'],
  look: async ({ database, keys }) => {
    const name = SEQUENCES[keys.environment];
    const { rows } = await database.query<SequenceRow>(
      `SELECT last_value AS last, min_value AS first, max_value AS highest, cache_size AS cache, cycle
       FROM pg_sequences WHERE schemaname = 'public' AND sequencename = $1`,
      [name],
    );
    const [row] = rows;
    return row === undefined
      ? [failed(`The database has no sequence ${name}.`, 'Apply the migrations: tax-control migrate')]
      : [judge(name, row)];
  },
});

function judge(name: string, { last, first, highest, cache, cycle }: SequenceRow): Finding {
  if (cache !== '1' || cycle)
    return failed(
      `The sequence ${name} was altered (${cycle ? 'CYCLE' : `CACHE ${cache}`}): a number could be given twice.`,
      `As the migrator: ALTER SEQUENCE ${name} NO CYCLE CACHE 1`,
    );
  const given = last === null ? 0n : BigInt(last) - BigInt(first) + 1n;
  const all = BigInt(highest) - BigInt(first) + 1n;
  const left = all - given;
  const seen = `${given} numbers are given, ${left} are left.`;
  if (left === 0n) return failed(seen, 'No code can be issued any more. Ask the maintainers at once.');
  return Number(left) / Number(all) > LEFT_WARNING ? ok(seen) : warning(seen, 'Ask the maintainers what comes next.');
}
