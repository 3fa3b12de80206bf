import type { TerminalIo } from './terminal-io.js';

/** How often progress is told: often enough to be seen moving on a screen, seldom enough for a log file. */
const SCREEN_INTERVAL_MS = 200;
const FILE_INTERVAL_MS = 5000;

/**
 * Tells on standard error how far a long work is, while it runs; on a screen in one line, elsewhere a line every few seconds.
 * @param state text of how far it is; null when there is nothing to tell yet
 */
export async function withProgress<T>(
  { stderr }: TerminalIo,
  state: () => Promise<string | null> | string | null,
  work: Promise<T>,
): Promise<T> {
  const onScreen = stderr.isTTY === true;
  let shown = false;
  const tell = async (): Promise<void> => {
    const text = await Promise.resolve(state()).catch(() => null);
    if (text === null) return;
    stderr.write(onScreen ? `\r\u001B[K${text}` : `${text}\n`);
    shown = true;
  };
  const timer = setInterval(() => void tell(), onScreen ? SCREEN_INTERVAL_MS : FILE_INTERVAL_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (onScreen && shown) stderr.write('\r\u001B[K');
  }
}
