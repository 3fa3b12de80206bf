import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BillingInterface } from '../api.js';

/** Opens the billing interface of a till's folder; throws with what to do when it cannot. */
export type OpenTill = (directory: string) => BillingInterface | Promise<BillingInterface>;

/** The file that makes a folder a till's, and names its terminal. */
const TERMINAL_FILE = 'terminal.json';
/** A terminal that could not be opened is tried again at a request, but not more often than this: opening reads the disk. */
const RETRY_AFTER_MS = 5000;

/** One terminal of the agent: open, or not and why. */
export type LaneState =
  | { readonly terminalId: string; readonly directory: string; readonly state: 'open' }
  | { readonly terminalId: string; readonly directory: string; readonly state: 'unavailable'; readonly detail: string };

export type LaneAnswer =
  | { readonly state: 'open'; readonly till: BillingInterface }
  | { readonly state: 'unavailable'; readonly detail: string }
  | { readonly state: 'unknown' };

interface Lane {
  readonly terminalId: string;
  readonly directory: string;
  till: BillingInterface | null;
  detail: string;
  triedAtMs: number;
  opening: Promise<void> | null;
}

/**
 * The terminals of one agent, each with a journal of its own: one that cannot be opened (damaged, held by another program) stops
 * none of the others, and is tried again. Folders that are enrolled while the agent runs are found when first asked for.
 */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  private readonly passedOver = new Set<string>();
  private searchedAtMs = Number.NEGATIVE_INFINITY;
  private closed = false;

  /**
   * @param roots folders of tills, or folders that hold such folders
   * @param warn told once of a folder that is passed over
   * @param nowMs a clock that never goes back
   */
  constructor(
    private readonly roots: readonly string[],
    private readonly openTill: OpenTill,
    private readonly warn: (message: string) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Opens all that is there. */
  async open(): Promise<readonly LaneState[]> {
    this.search();
    await Promise.all([...this.lanes.values()].map((lane) => this.tryOpen(lane)));
    return this.list();
  }

  list(): readonly LaneState[] {
    return [...this.lanes.values()].map(({ terminalId, directory, till, detail }) =>
      till === null
        ? { terminalId, directory, state: 'unavailable', detail }
        : { terminalId, directory, state: 'open' },
    );
  }

  /** The till of a terminal, opened if need be. */
  async till(terminalId: string): Promise<LaneAnswer> {
    if (!this.lanes.has(terminalId)) this.search();
    const lane = this.lanes.get(terminalId);
    if (lane === undefined) return { state: 'unknown' };
    if (lane.till === null) await this.tryOpen(lane);
    return lane.till === null ? { state: 'unavailable', detail: lane.detail } : { state: 'open', till: lane.till };
  }

  /** Lets every sale in flight end, and closes the journals. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all(
      [...this.lanes.values()].map(async (lane) => {
        await lane.opening;
        await lane.till?.close();
      }),
    );
  }

  private search(): void {
    const nowMs = this.nowMs();
    if (nowMs - this.searchedAtMs < RETRY_AFTER_MS) return;
    this.searchedAtMs = nowMs;
    for (const directory of this.roots.flatMap(tillDirectories)) {
      const terminalId = terminalOf(directory);
      const known = this.lanes.get(terminalId);
      if (known !== undefined) {
        if (known.directory !== directory) this.passOver(directory, known);
        continue;
      }
      this.lanes.set(terminalId, {
        terminalId,
        directory,
        till: null,
        detail: 'It was not opened yet.',
        triedAtMs: Number.NEGATIVE_INFINITY,
        opening: null,
      });
    }
  }

  /** Two journals of one terminal would be two tills under one name: the first one found is served. */
  private passOver(directory: string, { terminalId, directory: served }: Lane): void {
    if (this.passedOver.has(directory)) return;
    this.passedOver.add(directory);
    this.warn(`The folder ${directory} is not served: terminal ${terminalId} is served from ${served} already.`);
  }

  private async tryOpen(lane: Lane): Promise<void> {
    if (lane.opening === null && !this.closed && this.nowMs() - lane.triedAtMs >= RETRY_AFTER_MS) {
      lane.triedAtMs = this.nowMs();
      lane.opening = this.openLane(lane).finally(() => {
        lane.opening = null;
      });
    }
    await lane.opening;
  }

  private async openLane(lane: Lane): Promise<void> {
    try {
      lane.till = await this.openTill(lane.directory);
    } catch (error) {
      lane.detail = error instanceof Error ? error.message : String(error);
    }
  }
}

/** The root itself if it is a till's folder, otherwise its subfolders that are. */
function tillDirectories(root: string): string[] {
  if (isTill(root)) return [root];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    .filter(isTill)
    .sort();
}

function isTill(directory: string): boolean {
  return statSync(join(directory, TERMINAL_FILE), { throwIfNoEntry: false })?.isFile() === true;
}

/** The terminal's id from its file; the folder's name where the file cannot be read, so that the fault has a name. */
function terminalOf(directory: string): string {
  const fallback = directory.split(/[/\\]/).at(-1) ?? directory;
  try {
    const file: unknown = JSON.parse(readFileSync(join(directory, TERMINAL_FILE), 'utf8'));
    if (typeof file !== 'object' || file === null || !('terminalId' in file)) return fallback;
    return typeof file.terminalId === 'string' ? file.terminalId : fallback;
  } catch {
    return fallback;
  }
}
