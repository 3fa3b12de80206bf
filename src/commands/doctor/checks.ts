import type { Check } from './check.js';
import { migrationsCheck } from './migrations-check.js';

/** All checks, in the order in which they are told. Settings, database and keys come before them (open-parts.ts). */
export const CHECKS: readonly Check[] = [migrationsCheck];
