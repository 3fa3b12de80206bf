/** Where a tool writes. */
interface Output {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Takes care of what cannot be written. A reader that has seen enough (`| head`) is no failure; a full disk is one.
 *
 * @param closed what to do when nobody reads any more; nothing, if left out
 * @param exit ends the process with status 1
 */
export function watchOutput(
  { stdout, stderr }: Output = process,
  closed: () => void = () => {},
  exit: (status: number) => void = (status) => process.exit(status),
): void {
  stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') {
      closed();
      return;
    }
    stderr.write(`The result could not be written (${code ?? message}). Make room, or write it elsewhere.\n`);
    exit(1);
  });
  stderr.on('error', () => {});
}
