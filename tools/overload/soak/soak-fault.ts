import type { Child } from '../../bench/child.js';
import type { TillsCommand, TillsReport } from '../messages.js';
import type { Stage } from '../stage.js';

/** What a fault of the soak may reach for. */
export interface SoakScene {
  readonly stage: Stage;
  readonly serverPid: number;
  readonly tills: Child<TillsCommand, TillsReport>;
}

/** Something that a server must outlive, again and again. */
export interface SoakFault {
  readonly name: string;
  /** One line for a person. */
  readonly description: string;
  /** Terminals that it needs for itself. */
  readonly terminals: number;
  /**
   * Prepares it, and begins.
   *
   * @returns what ends it and leaves nothing behind; both throw if it took no effect
   */
  begin(scene: SoakScene): Promise<() => Promise<void>>;
}
