import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** What a command reads and writes; the process's own in main.ts, streams in specs. */
export interface TerminalIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable;
  readonly stderr: Writable & { readonly isTTY?: boolean };
  /** Resolves when the person or the system wants a command that runs on to end (SIGINT, SIGTERM). */
  readonly stopRequested: () => Promise<void>;
}

/** All of standard input. */
export function readStandardInput({ stdin }: TerminalIo): Promise<Buffer> {
  return buffer(stdin);
}

export function writeLine(stream: Writable, text: string): void {
  stream.write(`${text}\n`);
}

/** One line of JSON, for programs. */
export function writeJson(io: TerminalIo, value: unknown): void {
  writeLine(io.stdout, JSON.stringify(value));
}
