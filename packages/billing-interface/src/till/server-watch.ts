import { parseJsonBytes } from '@tax-control/protocol';
import { echoDespiteDates } from '../sender/echo-despite-dates.js';
import { readTextMember } from '../sender/read-answer.js';
import type { Credentials } from '../sender/line.js';
import { makeNonce } from './clock-watch.js';
import type { TillParts } from './till-parts.js';

export interface ServerWatchOptions {
  readonly credentials: () => Credentials;
  readonly addresses: () => readonly string[];
}

/** For a small call and a small answer. */
const ECHO_MS = 5_000;

/** Asks the server for an echo: is the line there, does it admit this till, how wrong is the clock? */
export class ServerWatch {
  constructor(
    private readonly parts: Pick<TillParts, 'calls' | 'clock' | 'clockWatch' | 'lineState' | 'standing'>,
    private readonly options: ServerWatchOptions,
  ) {}

  /** Whether the server answered, whatever it said. */
  async ask(until = this.parts.clock.monotonicMs() + ECHO_MS): Promise<boolean> {
    const { calls, clock, clockWatch, lineState, standing } = this.parts;
    const nonce = makeNonce();
    const began = clock.monotonicMs();
    const sentAt = clock.now();
    const result = await calls.echo(nonce, { connectBy: until, answerBy: until });
    if (result.ok) {
      const said = clockWatch.take(result.value, nonce, sentAt);
      if (said !== null) standing.takeEcho(said);
      return said !== null;
    }
    lineState.failed(result.failure, began);
    if (result.failure.cause === 'tls_certificate_dates') await this.#measureClockOnly();
    return result.failure.class !== 'outage';
  }

  /** A certificate that is wrong by its dates alone: the signed time tells whose clock is at fault, and nothing else is said. */
  async #measureClockOnly(): Promise<void> {
    const { clock, clockWatch } = this.parts;
    for (const address of this.options.addresses()) {
      const nonce = makeNonce();
      const sentAt = clock.now();
      const result = await echoDespiteDates(address, this.options.credentials(), nonce, ECHO_MS, clock);
      const echo = result.ok ? readEchoBody(result.answer.body) : null;
      if (echo !== null && clockWatch.take(echo, nonce, sentAt) !== null) return;
    }
  }
}

function readEchoBody(body: Buffer): string | null {
  return readTextMember(parseJsonBytes(body)?.value, 'echo');
}
