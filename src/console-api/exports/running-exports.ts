import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { problem } from '@tax-control/protocol';
import { RequestRefused } from '../../http/request-refused.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';

/**
 * Exports that one process writes at once, by kind. Evidence: the memory plan has room for one (memory-plan.ts). Tables: each has a page of a thousand rows in memory, about 1 MB, and their queries share the reports pool.
 */
export const EXPORTS_AT_ONCE_MAX = { evidence: 1, table: 8 } as const;
/** A table takes seconds, an evidence file half a minute: asking again sooner gains nothing. */
const RETRY_AFTER_MS = 10_000;

type ExportKind = keyof typeof EXPORTS_AT_ONCE_MAX;

/** Gives each official one export of a kind at a time, and bounds those of the process. */
@Injectable()
export class RunningExports {
  readonly #officials: Readonly<Record<ExportKind, Set<string>>> = { evidence: new Set(), table: new Set() };

  /** Exports that are being written now. */
  count(kind: ExportKind): number {
    return this.#officials[kind].size;
  }

  /**
   * Opens an export, which runs until its stream is closed: read to its end, broken off, or left by its reader.
   *
   * @param open returns the stream, or something else when there is nothing to write
   * @throws RequestRefused when the official or the process has as many as allowed
   */
  async run<Opened>(official: SignedInOfficial, kind: ExportKind, open: () => Promise<Opened>): Promise<Opened> {
    const running = this.#officials[kind];
    if (running.has(official.name)) throw new RequestRefused(problem('export_running'));
    if (running.size >= EXPORTS_AT_ONCE_MAX[kind])
      throw new RequestRefused(
        problem('server_busy', {
          detail: 'The server is writing as many exports as it can. Ask again after the time in Retry-After.',
          retryAfterMs: RETRY_AFTER_MS,
        }),
      );
    running.add(official.name);
    let isStream = false;
    try {
      const opened = await open();
      if (isReadable(opened)) {
        isStream = true;
        opened.once('close', () => running.delete(official.name));
      }
      return opened;
    } finally {
      if (!isStream) running.delete(official.name);
    }
  }
}

function isReadable(opened: unknown): opened is Readable {
  return typeof opened === 'object' && opened !== null && 'once' in opened && 'pipe' in opened;
}
