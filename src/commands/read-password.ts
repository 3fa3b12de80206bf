import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { misused, type NotDone } from './outcome.js';

/** Bytes of a pipe that are read at most: a password and its line feed, in any alphabet. */
const PIPE_BYTES_MAX = 4_096;

/** A password from standard input: the first line of a pipe, or asked for twice without showing it. */
export async function readPassword(): Promise<{ readonly password: string } | NotDone> {
  const { stdin } = process;
  if (!stdin.isTTY) return readPipe(stdin);
  const password = await ask('Password: ');
  const again = await ask('The same again: ');
  return password === again ? { password } : misused('The two passwords differ. Try again.');
}

async function readPipe(stdin: NodeJS.ReadStream): Promise<{ readonly password: string } | NotDone> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > PIPE_BYTES_MAX) return misused('Standard input is longer than any password.');
    if (chunk.includes('\n')) break;
  }
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split('\n', 1);
  const password = line.replace(/\r$/, '');
  return password === '' ? misused('Standard input is empty: write the password into it, on one line.') : { password };
}

/** Asks on standard error, so that the result alone is on standard output; what is typed is shown nowhere. */
function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  return new Promise((resolve) => {
    const finish = (line: string): void => {
      lines.close();
      process.stderr.write('\n');
      resolve(line);
    };
    lines.once('line', finish);
    lines.once('SIGINT', () => finish(''));
  });
}
