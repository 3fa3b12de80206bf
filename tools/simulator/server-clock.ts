import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

const SETTING_BYTES = 8;

/** Sets the calendar of the server process that has loaded clock-hook.ts. */
export class ServerClock {
  #socket: Socket | undefined;
  #acknowledged: (() => void) | undefined;
  #timeMs: number;

  private constructor(
    private readonly server: Server,
    timeMs: number,
  ) {
    this.#timeMs = timeMs;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** @param timeMs what the server is told at its start, milliseconds since 1970 */
  static async open(timeMs: number): Promise<ServerClock> {
    const server = createServer();
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    return new ServerClock(server, timeMs);
  }

  /** Settings for the server's process. */
  get environment(): Readonly<Record<string, string>> {
    const { port } = this.server.address() as AddressInfo;
    const hook = new URL('clock-hook.js', import.meta.url).href;
    return { NODE_OPTIONS: `--import ${hook}`, SIMULATED_CLOCK_PORT: String(port) };
  }

  /** Resolves when the server has it. */
  async set(timeMs: number): Promise<void> {
    this.#timeMs = timeMs;
    const socket = this.#socket;
    if (socket === undefined) throw new Error('No server runs on this clock.');
    const acknowledged = new Promise<void>((resolve, reject) => {
      this.#acknowledged = resolve;
      socket.once('close', () => reject(new Error('The server ended in the middle of the simulation.')));
    });
    this.#send(socket);
    await acknowledged;
    socket.removeAllListeners('close');
  }

  close(): void {
    this.#socket?.destroy();
    this.server.close();
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', () => this.#acknowledged?.());
    socket.on('error', () => undefined);
    this.#send(socket);
  }

  #send(socket: Socket): void {
    const setting = Buffer.alloc(SETTING_BYTES);
    setting.writeDoubleLE(this.#timeMs);
    socket.write(setting);
  }
}
