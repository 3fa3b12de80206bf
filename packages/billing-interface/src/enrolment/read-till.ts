import { certificateFitsKey, identityOf, type TillIdentity } from './identity.js';
import type { TerminalRecord, TillFiles } from './till-files.js';

/** What an enrolled till has on disk. */
export interface EnrolledTill {
  readonly terminal: TerminalRecord;
  readonly authorityPem: string;
  readonly identity: TillIdentity;
}

/** What the folder holds: an enrolled till, none yet, or files that do not fit each other (with what to do). */
export type TillReading =
  | { readonly state: 'enrolled'; readonly till: EnrolledTill }
  | { readonly state: 'not_enrolled' }
  | { readonly state: 'damaged'; readonly detail: string };

/** Reads the folder; finishes a renewal that a crash interrupted. */
export function readTill(files: TillFiles): TillReading {
  try {
    files.settle();
    const terminal = files.terminal();
    const authorityPem = files.authority();
    const keyPem = files.key();
    const certificatePem = files.certificate();
    if (terminal === null || authorityPem === null || keyPem === null || certificatePem === null)
      return { state: 'not_enrolled' };
    if (!certificateFitsKey(certificatePem, keyPem))
      return damaged('certificate.pem is not the certificate of key.pem');
    return { state: 'enrolled', till: { terminal, authorityPem, identity: identityOf(certificatePem, keyPem) } };
  } catch (error) {
    return damaged(error instanceof Error ? error.message : String(error));
  }
}

function damaged(detail: string): TillReading {
  return {
    state: 'damaged',
    detail: `The files of this till do not fit each other (${detail}). Enrol it again with a new invitation.`,
  };
}
