import type { LoggerService } from '@nestjs/common';
import type { Log } from './log.js';

/** The framework's name for who tells why an application does not start; it throws the same, and main.ts says it once. */
const START_FAILURES = 'ExceptionHandler';

/** What the framework says goes into the same log; its start-up chatter only where somebody debugs. */
export class NestLog implements LoggerService {
  constructor(private readonly target: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.target.debug(textOf(message), sourceOf(rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.target.debug(textOf(message), sourceOf(rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.target.debug(textOf(message), sourceOf(rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.target.warn(textOf(message), sourceOf(rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    if (rest.at(-1) === START_FAILURES) return;
    const cause = [message, ...rest].find((part) => part instanceof Error);
    this.target.error(textOf(message), sourceOf(rest), cause);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.error(message, ...rest);
  }
}

/** The framework passes the name of its speaker last. */
function sourceOf(rest: readonly unknown[]): { readonly source?: string } {
  const last = rest.at(-1);
  return typeof last === 'string' ? { source: last } : {};
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  return message instanceof Error ? message.name : 'The framework said something that is no text.';
}
