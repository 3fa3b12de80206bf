import { MemoryTooSmall } from './configuration/memory-fault.js';
import { SettingsError } from './configuration/settings-error.js';
import { connectionFault } from './database/connection-fault.js';
import { DatabaseUnfit } from './database/durability.js';
import { DatabaseNotRecovered } from './database/session-guard.js';
import { faultText } from './database/fault.js';
import { ListenFailure } from './http/listen-fault.js';
import { KeyFilesError } from './keys/key-files-error.js';
import { RecoveryLogUnavailable } from './recovery-log/recovery-log.js';
import { WrongEnvironment } from './registry/installation.js';

const FOR_THE_OPERATOR = [
  SettingsError,
  MemoryTooSmall,
  KeyFilesError,
  DatabaseUnfit,
  DatabaseNotRecovered,
  RecoveryLogUnavailable,
  WrongEnvironment,
  ListenFailure,
];

/** What hindered the start and what to do, for whoever runs the server; null for what is a bug of ours. */
export function startFailure(error: unknown): string | null {
  if (error instanceof Error && FOR_THE_OPERATOR.some((known) => error instanceof known)) return error.message;
  const fault = connectionFault(error);
  return fault === null ? null : faultText(fault);
}
