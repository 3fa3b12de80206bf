import type { Check } from './check.js';
import { clockCheck, clockSynchronisedCheck } from './clock-checks.js';
import { databaseIdentityCheck } from './database-identity-check.js';
import { databaseLineCheck } from './database-line-check.js';
import { databaseSessionsCheck } from './database-sessions-check.js';
import { diskCheck } from './disk-check.js';
import { grantsCheck } from './grants-check.js';
import { keyFilesCheck } from './key-files-check.js';
import { certificatesCheck, environmentCheck } from './keys-checks.js';
import { memoryCheck } from './memory-check.js';
import { migrationsCheck } from './migrations-check.js';
import { numbersCheck } from './numbers-check.js';
import { portsCheck } from './ports-check.js';
import { recoveryLogCheck } from './recovery-log-check.js';
import { databaseVersionCheck, durabilityCheck, writableCheck } from './server-state-checks.js';

/** All checks, in the order in which they are told. Settings, database and keys come before them (open-parts.ts). */
export const CHECKS: readonly Check[] = [
  databaseVersionCheck,
  databaseLineCheck,
  databaseSessionsCheck,
  writableCheck,
  durabilityCheck,
  migrationsCheck,
  grantsCheck,
  databaseIdentityCheck,
  numbersCheck,
  recoveryLogCheck,
  environmentCheck,
  keyFilesCheck,
  certificatesCheck,
  clockCheck,
  clockSynchronisedCheck,
  memoryCheck,
  portsCheck,
  diskCheck,
];
