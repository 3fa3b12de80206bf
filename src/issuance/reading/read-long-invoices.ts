import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/** Between that of the server and the lowest: on a busy machine sales are read first. */
const PRIORITY = 10;

giveWay();

/** What the thread for long invoices does: the same as the others, when they leave it a processor. */
export { default } from './read-invoices.js';

/** Gives this thread, not its process, a lower priority: Linux has one for each thread, by its id. */
function giveWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), PRIORITY);
  } catch {
    // Without /proc it works as fast as the others; it is one thread all the same.
  }
}
