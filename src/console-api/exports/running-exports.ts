import type { Readable } from 'node:stream';
import { type Clock, problem } from '@tax-control/protocol';
import { RequestRefused } from '../../http/request-refused.js';
import type { SignedInOfficial } from '../../officials/signed-in-official.js';
import { ReaderTooSlow } from './export-stream.js';

/**
 * Exports that one process writes at once, by kind. Evidence: the memory plan has room for one (memory-plan.ts). Tables: each has a page of a
 * thousand rows in memory, about 1 MB, and of invoices all their numbers, 1 MB more; their queries share the reports pool.
 */
export const EXPORTS_AT_ONCE_MAX = { evidence: 1, table: 8 } as const;
/** A table takes seconds, an evidence file half a minute: asking again sooner gains nothing. */
const RETRY_AFTER_MS = 10_000;

/** How long an export keeps its place when others ask for it: 180 MB, the largest evidence file, at 300 KB/s, a slow line of an office. */
export const EXPORT_KEPT_MS = 600_000;

type ExportKind = keyof typeof EXPORTS_AT_ONCE_MAX;

/** `stream`: null while it is opened. `since`: of the monotonic clock, in milliseconds. */
interface Place {
  readonly since: number;
  stream: Readable | null;
}

/**
 * Gives each official one export of a kind at a time, and bounds those of the process. An export that nobody waits for may take as long as it
 * likes; where all places are taken, the oldest one that has had its time is ended for the next official.
 */
export class RunningExports {
  /** By official, the oldest first. */
  readonly #places: Readonly<Record<ExportKind, Map<string, Place>>> = { evidence: new Map(), table: new Map() };

  constructor(
    private readonly clock: Clock,
    private readonly keptMs = EXPORT_KEPT_MS,
  ) {}

  /** Exports that are being written now. */
  count(kind: ExportKind): number {
    return this.#places[kind].size;
  }

  /**
   * Opens an export, which runs until its stream is closed: read to its end, broken off, or left by its reader.
   *
   * @param open returns the stream, or something else when there is nothing to write
   * @throws RequestRefused when the official or the process has as many as allowed
   */
  async run<Opened>(official: SignedInOfficial, kind: ExportKind, open: () => Promise<Opened>): Promise<Opened> {
    const places = this.#places[kind];
    if (places.has(official.name)) throw new RequestRefused(problem('export_running'));
    if (places.size >= EXPORTS_AT_ONCE_MAX[kind] && !this.#endOldest(places))
      throw new RequestRefused(
        problem('server_busy', {
          detail: 'The server is writing as many exports as it can. Ask again after the time in Retry-After.',
          retryAfterMs: RETRY_AFTER_MS,
        }),
      );
    const place: Place = { since: this.clock.monotonicMs(), stream: null };
    const leave = (): void => {
      // Ended for another one, its official may have a new place by now.
      if (places.get(official.name) === place) places.delete(official.name);
    };
    places.set(official.name, place);
    try {
      const opened = await open();
      if (isReadable(opened)) place.stream = opened.once('close', leave);
      return opened;
    } finally {
      if (place.stream === null) leave();
    }
  }

  /** @returns whether there was one that has had its time */
  #endOldest(places: Map<string, Place>): boolean {
    for (const [name, { since, stream }] of places) {
      if (stream === null || this.clock.monotonicMs() - since < this.keptMs) return false;
      places.delete(name);
      stream.destroy(new ReaderTooSlow(`an export took more than ${this.keptMs} ms, and another official waited`));
      return true;
    }
    return false;
  }
}

function isReadable(opened: unknown): opened is Readable {
  return typeof opened === 'object' && opened !== null && 'once' in opened && 'pipe' in opened;
}
