import type { ClientRequest, IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { type Clock, LIMITS, SERVER_TIMING_HEADER } from '@tax-control/protocol';
import { type Failure, failureOfError, OWN_ERROR_CODES, type Phase } from './failure-cause.js';
import { type Pace, rateOfPieces, sendInPieces } from './send-in-pieces.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Bytes of an answer that are read; `LIMITS.answerBytesMax`, if left out. */
  readonly answerBytesMax?: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: Buffer;
  /** Milliseconds for which the server had the request (Server-Timing, W3C); 0: it does not say. */
  readonly serverMs: number;
  /** The connection ends with this answer: the server says so (`Connection: close`), or had not taken the whole request. */
  readonly isLast: boolean;
}

/** Whole milliseconds; null where there was no such phase (a connection that was kept has neither connect nor tls). */
export interface Timings {
  readonly connectMs: number | null;
  readonly tlsMs: number | null;
  readonly answerMs: number | null;
  readonly totalMs: number;
}

export type Exchange = {
  readonly timings: Timings;
  /** Milliseconds of `answerMs` for which the body stepped back before something else. */
  readonly steppedBackMs: number;
} & (
  | { readonly ok: true; readonly answer: HttpAnswer }
  | {
      readonly ok: false;
      readonly failure: Failure;
      /** A kept connection that the other side had closed meanwhile: nothing is known to be wrong with the line. */
      readonly stale: boolean;
      readonly phase: Phase;
    }
);

/** The connection to use: an agent that makes or keeps one, or a socket that was checked already. */
export type Carrier = { readonly agent: Agent } | { readonly socket: TLSSocket };

export interface Patience {
  /** Milliseconds for name, connection and handshake together. */
  readonly connectMs: number;
  /** Milliseconds from then until the answer has been read; with a pace, until something moves again. */
  readonly answerMs: number;
  /** Of a body that nobody waits for. */
  readonly pace?: Pace;
}

/**
 * Sockets whose handshake is done. Node.js says `reusedSocket` only of one that lay idle, not of one that is handed on to a request which
 * came just before: that one would wait for a handshake that was over, and have its answer cut off by the patience for connecting.
 */
const CONNECTED = new WeakSet<object>();

/** One request and its answer over one connection. Never rejects; an answer beyond `answerBytesMax` is not read. */
export async function exchange(
  address: string,
  request: HttpRequest,
  carrier: Carrier,
  patience: Patience,
  clock: Clock,
): Promise<Exchange> {
  const course = new Course(clock);
  const body = request.body === undefined ? null : Buffer.from(request.body, 'utf8');
  let sent: ClientRequest;
  try {
    sent = httpsRequest(new URL(request.path, address), {
      method: request.method,
      headers: { ...request.headers, ...(body && { 'content-length': String(body.length) }) },
      ...('agent' in carrier ? { agent: carrier.agent } : { createConnection: () => carrier.socket }),
    });
  } catch (error) {
    // A mistyped address in signed parameters: Node.js refuses it at once.
    const failure = failureOfError(error, course.phase);
    return { ok: false, failure, stale: false, phase: course.phase, timings: course.timings(), steppedBackMs: 0 };
  }
  const { answerMs, connectMs, pace } = patience;
  const rate = body === null || pace === undefined ? null : rateOfPieces(body.length, pace);
  return new Promise((resolve) => {
    let isKept = false;
    let isOver = false;
    let steppedBackMs = 0;
    const fail = (error: unknown): void => {
      isOver = true;
      course.stopTimer();
      const stale = isKept && course.phase === 'answer' && !isOwnTimeout(error);
      const failure = failureOfError(error, course.phase);
      resolve({ ok: false, failure, stale, phase: course.phase, timings: course.timings(), steppedBackMs });
      sent.destroy();
    };
    const giveUpAfter = (milliseconds: number, code: string): void =>
      course.startTimer(milliseconds, () => fail(Object.assign(new Error('gave up waiting'), { code })));
    const waitOn = (): void => {
      if (!isOver) giveUpAfter(answerMs, OWN_ERROR_CODES.answerTimeout);
    };
    const stepBack = async (): Promise<number> => {
      const began = clock.monotonicMs();
      course.stopTimer();
      await pace?.giveWay();
      waitOn();
      const steppedBack = clock.monotonicMs() - began;
      steppedBackMs += steppedBack;
      return steppedBack;
    };
    const awaitAnswer = (): void => {
      course.enter('answer');
      waitOn();
      if (body !== null && rate !== null) sendInPieces(sent, body, rate, stepBack, waitOn, clock).catch(fail);
    };

    giveUpAfter(connectMs, OWN_ERROR_CODES.connectTimeout);
    sent.on('socket', (socket) => {
      isKept = 'agent' in carrier && CONNECTED.has(socket);
      if ('socket' in carrier || isKept) return awaitAnswer();
      socket.once('connect', () => course.enter('tls'));
      socket.once('secureConnect', () => {
        CONNECTED.add(socket);
        awaitAnswer();
      });
    });
    sent.on('error', fail);
    sent.on('response', (response) => {
      course.enter('body');
      const succeed = (bytes: Buffer): void => {
        isOver = true;
        course.enter('end');
        course.stopTimer();
        // Answered before all of it was sent: the rest would be taken for the next request.
        const isLast = !sent.writableEnded;
        resolve({ ok: true, answer: answerOf(response, bytes, isLast), timings: course.timings(), steppedBackMs });
        if (isLast) sent.destroy();
      };
      const bytesMax = request.answerBytesMax ?? LIMITS.answerBytesMax;
      readBody(response, bytesMax, pace === undefined ? () => undefined : waitOn).then(succeed, fail);
    });
    if (rate === null) sent.end(body ?? undefined);
    else sent.flushHeaders();
  });
}

async function readBody(response: IncomingMessage, bytesMax: number, onPart: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bytesMax)
      throw Object.assign(new Error(`the answer is longer than ${bytesMax} bytes`), {
        code: OWN_ERROR_CODES.answerTooLarge,
      });
    chunks.push(chunk);
    onPart();
  }
  return Buffer.concat(chunks);
}

function answerOf(response: IncomingMessage, body: Buffer, isLast: boolean): HttpAnswer {
  const { etag = null, connection, [SERVER_TIMING_HEADER]: timing } = response.headers;
  return {
    status: response.statusCode ?? 0,
    etag,
    body,
    serverMs: serverMsOf(timing),
    isLast: isLast || connection?.toLowerCase() === 'close',
  };
}

/** `app;dur=12` among the values of the header, which may come in several. */
function serverMsOf(timing: string | readonly string[] | undefined): number {
  const found = /(?:^|,)\s*app\s*;\s*dur=(\d+(?:\.\d+)?)/.exec([timing ?? ''].flat().join(','));
  return found === null ? 0 : Number(found[1]);
}

function isOwnTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === OWN_ERROR_CODES.answerTimeout;
}

/** The phases of one exchange with their beginnings, and the one timer that is running. */
class Course {
  phase: Phase = 'connect';
  #timer: NodeJS.Timeout | null = null;
  readonly #began = new Map<Phase | 'end', number>();

  constructor(private readonly clock: Clock) {
    this.#began.set('connect', clock.monotonicMs());
  }

  enter(phase: Phase | 'end'): void {
    if (phase !== 'end') this.phase = phase;
    this.#began.set(phase, this.clock.monotonicMs());
  }

  startTimer(milliseconds: number, onTimeout: () => void): void {
    this.stopTimer();
    this.#timer = setTimeout(onTimeout, Math.max(0, milliseconds));
  }

  stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  timings(): Timings {
    const now = this.clock.monotonicMs();
    const span = (from: Phase, to: readonly (Phase | 'end')[]): number | null => {
      const began = this.#began.get(from);
      if (began === undefined) return null;
      const ended = to.map((phase) => this.#began.get(phase)).find((time) => time !== undefined);
      return Math.round((ended ?? now) - began);
    };
    const isFresh = this.#began.has('tls') || !this.#began.has('answer');
    return {
      connectMs: isFresh ? span('connect', ['tls']) : null,
      tlsMs: span('tls', ['answer']),
      answerMs: span('answer', ['end']),
      totalMs: span('connect', ['end']) ?? 0,
    };
  }
}
