import type { Server } from 'node:net';
import { agentApp } from './agent-app.js';
import type { AgentLog } from './faults.js';
import { Lanes, type LaneState, type OpenTill } from './lanes.js';
import { hostCheck, isLoopback, type ListenAddress } from './listen-address.js';
import { Stopping } from './stopping.js';

/** A sale in flight ends within its deadline, which the parameters bound at a minute; then nothing is waited for any more. */
const STOP_TIMEOUT_MS = 65_000;

export interface AgentOptions {
  /** Folders of tills, or folders that hold such folders. */
  readonly directories: readonly string[];
  readonly openTill: OpenTill;
  readonly address: ListenAddress;
  /** PEM; required on an address that others can reach. */
  readonly tls: { readonly certificate: string; readonly key: string } | null;
  readonly token: string;
  /** Pages that may call, by their origin as `parseOrigin` gives it; none, if left out. */
  readonly origins?: readonly string[];
  readonly version: string;
  readonly log: AgentLog;
  /** How long a request may take to arrive. */
  readonly requestTimeoutMs?: number;
}

export interface RunningAgent {
  /** Where it listens, with the real port: `http://127.0.0.1:8744`. */
  readonly url: string;
  readonly terminals: readonly LaneState[];
  /** Takes no more requests, lets those in flight end, closes the journals. */
  close(): Promise<void>;
}

/**
 * Starts an agent: opens every terminal that it finds and serves them over HTTP.
 * @throws Error with what to do: no TLS on an address that others can reach, the address is taken, a folder is missing
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const { address, tls } = options;
  if (tls === null && !isLoopback(address.host))
    throw new Error(
      `${address.host} can be reached from other machines, which takes TLS: give --tls-certificate and --tls-key, or listen on 127.0.0.1.`,
    );
  const stopping = new Stopping();
  const lanes = new Lanes(options.directories, options.openTill, (message) => options.log({ level: 'error', message }));
  const app = agentApp({ ...options, lanes, stopping, isOurHost: hostCheck(address, tls?.certificate ?? null) });
  const close = async (): Promise<void> => {
    stopping.begin();
    app.server.close();
    await stopping.idle(AbortSignal.timeout(STOP_TIMEOUT_MS));
    // What is left are connections without a request, or with one that never arrived whole.
    app.server.closeAllConnections();
    await app.close();
    await lanes.close();
  };
  try {
    const terminals = await lanes.open();
    await app.listen({ host: address.host, port: address.port });
    return { url: urlOf(app.server.address(), address, tls !== null), terminals, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function urlOf(bound: ReturnType<Server['address']>, address: ListenAddress, secure: boolean): string {
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${secure ? 'https' : 'http'}://${host}:${port}`;
}
