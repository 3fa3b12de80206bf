import { readFileSync, writeFileSync } from 'node:fs';

/** Beside the journal: who has it open. A help for people only; the lock is SQLite's. */
export function writeHolder(journalFile: string, program: string, at: string): void {
  writeFileSync(holderFile(journalFile), `${JSON.stringify({ processId: process.pid, program, since: at })}\n`, {
    mode: 0o600,
  });
}

/** `tax-terminal 1.0, process 4711, since …`; null when nothing is known. */
export function describeHolder(journalFile: string): string | null {
  try {
    const holder: unknown = JSON.parse(readFileSync(holderFile(journalFile), 'utf8'));
    if (typeof holder !== 'object' || holder === null) return null;
    const { processId, program, since } = holder as Record<string, unknown>;
    return `held by ${String(program)}, process ${String(processId)}, since ${String(since)}`;
  } catch {
    return null;
  }
}

function holderFile(journalFile: string): string {
  return `${journalFile}.holder`;
}
