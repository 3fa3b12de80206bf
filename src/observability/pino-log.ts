import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '../configuration/settings.js';
import { describeError } from './describe-error.js';
import { type Facts, Log } from './log.js';

/** Writes the log with pino, synchronously: what was said before a crash is there to be read. */
export class PinoLog extends Log {
  readonly tellsDebug: boolean;
  readonly #pino: Logger;

  /** @param destination standard output unless a test says otherwise */
  constructor(level: LogLevel, destination: DestinationStream = pino.destination({ dest: 1, sync: true })) {
    super();
    this.#pino = pino(
      {
        level,
        base: null,
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    );
    this.tellsDebug = this.#pino.isLevelEnabled('debug');
  }

  debug(event: string, facts: Facts = {}): void {
    this.#pino.debug(facts, event);
  }

  info(event: string, facts: Facts = {}): void {
    this.#pino.info(facts, event);
  }

  warn(event: string, facts: Facts = {}, cause?: unknown): void {
    this.#pino.warn(withCause(facts, cause), event);
  }

  error(event: string, facts: Facts = {}, cause?: unknown): void {
    this.#pino.error(withCause(facts, cause), event);
  }
}

function withCause(facts: Facts, cause: unknown): Facts {
  return cause === undefined ? facts : { ...facts, cause: describeError(cause) };
}
