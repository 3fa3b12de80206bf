import type { Environment } from '@tax-control/protocol';

/** Which numbers an environment may give: a code of the test environment begins with 9. */
export const SEQUENCE_RANGES: Readonly<Record<Environment, { first: number; last: number; sequenceName: string }>> = {
  production: { first: 1, last: 899_999_999_999, sequenceName: 'tax_control_number' },
  test: { first: 900_000_000_000, last: 999_999_999_999, sequenceName: 'tax_control_number_test' },
};

export function isInRange(environment: Environment, sequence: number): boolean {
  const { first, last } = SEQUENCE_RANGES[environment];
  return sequence >= first && sequence <= last;
}
