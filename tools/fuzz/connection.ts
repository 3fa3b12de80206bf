import { once } from 'node:events';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect, type ConnectionOptions } from 'node:tls';

/** What came of a request: status and text of the first answer; null: the connection ended, or nothing came in time. */
export interface Outcome {
  readonly status: number | null;
  readonly isSilent: boolean;
  readonly text: string;
}

/** A spoilt request may wait for the rest of its body: nobody waits longer for the answer to it. */
const ANSWER_MS = 1_500;
const STATUS = /^HTTP\/1\.[01] (\d{3})/;
const HEAD_END = '\r\n\r\n';

/** One connection that is opened anew whenever an answer was not read whole, or the other side closed it. */
export class FuzzConnection {
  #socket: Socket | null = null;

  constructor(
    private readonly to: { readonly host: string; readonly port: number; readonly tls: ConnectionOptions | null },
  ) {}

  /** Sends bytes and reads the beginning of the answer. Never rejects. */
  async send(bytes: Buffer): Promise<Outcome> {
    const socket = await this.#open();
    if (socket === null) return { status: null, isSilent: false, text: '' };
    const chunks: Buffer[] = [];
    const isHead = bytes.toString('latin1', 0, 5) === 'HEAD ';
    const over = new AbortController();
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (isWhole(Buffer.concat(chunks), isHead)) over.abort();
    };
    let isSilent = false;
    const timer = setTimeout(() => {
      isSilent = true;
      over.abort();
    }, ANSWER_MS);
    const end = (): void => over.abort();
    socket.on('data', take).once('close', end);
    socket.write(bytes);
    if (!over.signal.aborted) await once(over.signal, 'abort');
    clearTimeout(timer);
    socket.off('data', take).off('close', end);
    const answer = Buffer.concat(chunks);
    const status = STATUS.exec(answer.toString('latin1', 0, 20))?.[1];
    // What was spoilt may have left half a request behind: only a whole answer to a whole request leaves the connection good.
    if (isSilent || status === undefined || !isWhole(answer, isHead) || Number(status) === 400) this.close();
    return { status: status === undefined ? null : Number(status), isSilent, text: answer.toString('latin1') };
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  async #open(): Promise<Socket | null> {
    if (this.#socket !== null && !this.#socket.destroyed) return this.#socket;
    const { host, port, tls } = this.to;
    const socket =
      tls === null ? connectPlain({ host, port }) : connect({ host, port, servername: 'localhost', ...tls });
    socket.on('error', () => undefined);
    const opened = await Promise.race([
      once(socket, tls === null ? 'connect' : 'secureConnect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    this.#socket = opened ? socket : null;
    return this.#socket;
  }
}

/** Whether an answer has come whole; one to HEAD has no body. */
function isWhole(answer: Buffer, isHead: boolean): boolean {
  const end = answer.indexOf(HEAD_END);
  if (end < 0) return false;
  if (isHead) return true;
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer.toString('latin1', 0, end))?.[1];
  if (length !== undefined) return answer.length >= end + HEAD_END.length + Number(length);
  return answer.includes('\r\n0\r\n\r\n') || STATUS.exec(answer.toString('latin1', 0, 20))?.[1] === '204';
}
