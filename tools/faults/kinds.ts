import type { FaultKind } from './fault.js';
import { DATABASE_FAULTS } from './kinds/database-faults.js';
import { LINE_FAULTS } from './kinds/line-faults.js';
import { OFFICE_FAULTS } from './kinds/office-faults.js';
import { SERVER_FAULTS } from './kinds/server-faults.js';
import { TILL_FAULTS } from './kinds/till-faults.js';

export const FAULT_KINDS: readonly FaultKind[] = [
  ...SERVER_FAULTS,
  ...DATABASE_FAULTS,
  ...LINE_FAULTS,
  ...TILL_FAULTS,
  ...OFFICE_FAULTS,
];

export function kindNamed(name: string): FaultKind {
  const kind = FAULT_KINDS.find((one) => one.name === name);
  if (kind === undefined) throw new RangeError(`there is no fault ${name}`);
  return kind;
}
