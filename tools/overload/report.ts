import { tableLines } from '../screen/table.js';
import type { Attack } from './attack.js';
import type { Figures } from './figures.js';
import type { AttackResult } from './run-attack.js';

const BYTES_PER_MIB = 1_048_576;
const PER_CENT = 100;

/** The bounds that an attack passed, each a sentence; none: all held. */
export function passedBounds({ bounds }: Attack, result: AttackResult): string[] {
  const faults: string[] = [];
  if (result.fault !== null) faults.push(`The attack itself failed: ${result.fault}`);
  if (result.hasServerEnded) faults.push('The server ended.');
  if (!(result.attacked.p99 <= result.quiet.p99 * bounds.p99RatioMax))
    faults.push(
      `The others' p99 was ${ms(result.attacked.p99)}, more than ${bounds.p99RatioMax} × the quiet ${ms(result.quiet.p99)}.`,
    );
  if (!(result.attacked.withoutCode < bounds.withoutCodeMax))
    faults.push(
      `${share(result.attacked.withoutCode)} of the others' sales had no code in time: ${causes(result.attacked)}.`,
    );
  if (result.recoveryMs === null || result.recoveryMs > bounds.recoveryMsMax)
    faults.push(`It recovered ${result.recoveryMs === null ? 'not at all' : `after ${ms(result.recoveryMs)}`}.`);
  return faults;
}

export function tableOf(results: readonly AttackResult[]): string[] {
  return tableLines([
    ['attack', 'who', 'p50', 'p99', 'no code', 'quiet p50', 'quiet p99', 'peak RSS', 'peak group', 'recovery'],
    ...results.flatMap((result) => [
      [
        result.name,
        ...cells('sales', result.attacked, result.quiet),
        mib(result.residentBytes),
        mib(result.groupBytes),
        result.recoveryMs === null ? 'none' : ms(result.recoveryMs),
      ],
      ['', ...cells('late lists', result.attackedLists, result.quietLists)],
    ]),
  ]);
}

function cells(who: string, attacked: Figures, quiet: Figures): string[] {
  return [who, ms(attacked.p50), ms(attacked.p99), share(attacked.withoutCode), ms(quiet.p50), ms(quiet.p99)];
}

function causes({ instead }: Figures): string {
  return Object.entries(instead)
    .map(([what, times]) => `${what} (${times})`)
    .join(', ');
}

function ms(value: number): string {
  return Number.isNaN(value) ? '–' : `${value.toFixed(0)} ms`;
}

function share(value: number): string {
  return Number.isNaN(value) ? '–' : `${(value * PER_CENT).toFixed(1)} %`;
}

function mib(bytes: number | null): string {
  return bytes === null ? '–' : `${(bytes / BYTES_PER_MIB).toFixed(0)} MiB`;
}
