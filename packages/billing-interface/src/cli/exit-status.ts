/** Exit statuses of `tax-terminal`; also told by its help. */
export const EXIT_STATUSES = {
  ok: 0,
  /** Refused, not verified, or failed otherwise; what to do is said. */
  failed: 1,
  /** The command was called in a way that it does not know. */
  usage: 2,
  /** The journal cannot be opened or written: nothing was signed. */
  journalUnavailable: 3,
} as const;

export type ExitStatus = (typeof EXIT_STATUSES)[keyof typeof EXIT_STATUSES];

export const EXIT_STATUS_HELP = `
Exit status: 0 done (a sale stored offline is done), 1 refused or failed, 2 wrong usage,
3 the journal cannot be opened or written. Errors say what to do.`;

/** Ends the command with a status and a sentence that says what was wrong and what to do. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  constructor(
    readonly status: ExitStatus,
    message: string,
    /** What `--json` prints beside the sentence. */
    readonly facts: object = {},
  ) {
    super(message);
  }
}
