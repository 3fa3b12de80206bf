import type { Library } from './library.js';
import type { TerminalIo } from './terminal-io.js';
import type { ExitStatus } from './exit-status.js';

/** What every command gets, and where it leaves its exit status. */
export interface CommandContext {
  readonly io: TerminalIo;
  readonly library: Library;
  readonly version: string;
  /** The status that the command ends with, unless it fails. */
  status: ExitStatus;
}
