/** What the bench tells the process of a real till. Each command has one report. */
export type TillCommand =
  /** Enrols a till in an empty directory. From then on its line is down. */
  | { readonly command: 'enrol'; readonly invitation: string; readonly directory: string }
  /** Sells so many times, one sale after the other. */
  | { readonly command: 'sell'; readonly sales: number }
  /** Inserts so many rows as long as those of sales, one after the other, in a file beside the journal. */
  | { readonly command: 'insert'; readonly rows: number }
  /** The line is there again, and all that waits is sent. */
  | { readonly command: 'drain' }
  /** Closes the till and writes its export. */
  | { readonly command: 'finish'; readonly folder: string };

export type TillReport =
  | { readonly report: 'done' }
  /** Milliseconds of each. */
  | { readonly report: 'times'; readonly times: readonly number[] }
  | { readonly report: 'drained'; readonly invoices: number; readonly seconds: number }
  | { readonly report: 'finished'; readonly exportFile: string }
  | { readonly report: 'failed'; readonly message: string };
