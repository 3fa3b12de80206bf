import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import type { LimitSettings, ListenerAddress, ListenerSettings } from '../configuration/settings.js';
import type { MemoryPlan } from '../configuration/memory-plan.js';
import { networkList } from '../configuration/networks.js';
import type { Log } from '../observability/log.js';
import { HandshakeQueue } from './handshake-queue.js';
import { Throttle } from '../observability/throttle.js';
import { listenFault, ListenFailure } from './listen-fault.js';
import type { ListenerName } from './listener.js';
import { BoundConnections } from './bound-connections.js';
import { boundRequests } from './bound-requests.js';
import { makeOperatorServer, makePublicServer, makeTerminalServer, secure, type TlsMaterial } from './node-servers.js';
import { OpenConnections } from './open-connections.js';
import { expectProxyHeaders } from './proxy-protocol/proxied-connections.js';
import { UnreadAnswers } from './unread-answers.js';

/** What the two TLS listeners show, and whose client certificates the terminals' one asks for. */
export interface ListenerMaterials {
  readonly terminals: TlsMaterial & { readonly ca: string };
  readonly public: TlsMaterial;
}

/** Where the listeners listen, with the ports that the operating system chose. */
export type ListenerAddresses = Readonly<Record<ListenerName, ListenerAddress>>;

interface NodeServers {
  readonly terminals: HttpsServer;
  readonly public: HttpsServer;
  readonly operator: Server;
}

/**
 * Longest wait for what is in flight when the server stops. The slowest honest request of a till is a late-door list: a
 * second. Whoever stops containers kills after ten seconds, and the pools must say goodbye within the rest of them.
 */
const CLOSE_TIMEOUT_MS = 7_000;
/** Of all connections, for the terminals; the others are the public listener's. The operator's own is few. */
const TERMINALS_SHARE = 0.75;
/** For tests of other things, which have no plan of their memory: more connections than there are file handles. */
const UNBOUNDED = { connectionsMax: 1_000_000_000, answersBytes: Infinity };
/** While file handles are short every connection fails alike. */
const ACCEPT_LOG_INTERVAL_MS = 1_000;

/**
 * The three node servers in front of the one application (docs/decisions/0001): made together, opened together, closed
 * together. Fastify is given the terminals' one as its own; the others hand their requests to the same handler.
 */
export class Listeners {
  /** What is sent and not read yet. */
  readonly answers: UnreadAnswers;
  readonly #names = new Map<unknown, ListenerName>();
  #handshakes: readonly HandshakeQueue[] = [];
  #connections: Readonly<Record<ListenerName, OpenConnections>> | undefined;
  readonly #limits: LimitSettings;
  readonly #acceptErrors = new Throttle(ACCEPT_LOG_INTERVAL_MS);
  #servers: NodeServers | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param proxyProtocolFrom networks of balancers (CIDR), whose connections begin with a PROXY protocol header
   * @param memory what the two TLS listeners may take together
   */
  constructor(
    limits: LimitSettings,
    private readonly log: Log,
    private readonly proxyProtocolFrom: readonly string[] = [],
    private readonly memory: Pick<MemoryPlan, 'connectionsMax' | 'answersBytes'> = UNBOUNDED,
  ) {
    this.#limits = limits;
    this.answers = new UnreadAnswers(memory.answersBytes);
  }

  /** Makes the servers around the application's handler; gives the one that Fastify takes for its own. */
  serve(application: RequestListener): HttpsServer {
    const handler = boundRequests(application);
    const servers: NodeServers = {
      terminals: makeTerminalServer(this.#limits, handler),
      public: makePublicServer(this.#limits, handler),
      operator: makeOperatorServer(this.#limits, handler),
    };
    this.#handshakes = [new HandshakeQueue(servers.terminals), new HandshakeQueue(servers.public)];
    for (const server of [servers.terminals, servers.public]) this.answers.watch(server);
    const { connectionsMax } = this.memory;
    const ofTerminals = Math.floor(connectionsMax * TERMINALS_SHARE);
    this.#admitClients(servers.terminals, ofTerminals);
    this.#admitClients(servers.public, connectionsMax - ofTerminals);
    for (const [name, server] of Object.entries(servers) as [ListenerName, NetServer][]) this.#names.set(server, name);
    this.#servers = servers;
    this.#connections = {
      terminals: new OpenConnections(servers.terminals),
      public: new OpenConnections(servers.public),
      operator: new OpenConnections(servers.operator),
    };
    return servers.terminals;
  }

  /**
   * Begins to listen, the terminals last: a till that gets through finds everything else in place.
   * @throws {@link ListenFailure} when an address is taken or not ours; nothing listens then
   */
  async open(settings: ListenerSettings, materials: ListenerMaterials): Promise<ListenerAddresses> {
    const servers = this.#made();
    this.secure(settings, materials);
    try {
      const operator = await listen(servers.operator, 'operator', settings.operator);
      const publicAddress = await listen(servers.public, 'public', settings.public);
      const terminals = await listen(servers.terminals, 'terminals', settings.terminals);
      this.#surviveAcceptErrors(servers);
      return { terminals, public: publicAddress, operator };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Gives the listeners their certificates, again at any time: what comes next is met with them, what is open goes on. */
  secure(settings: ListenerSettings, materials: ListenerMaterials): void {
    const servers = this.#made();
    secure(servers.terminals, materials.terminals, settings.terminals.tlsMinimum);
    secure(servers.public, materials.public, 'TLSv1.2');
  }

  /** By which listener a request came; null for one that came by none (a test's injected request). */
  nameOf(request: IncomingMessage): ListenerName | null {
    return this.#names.get(Reflect.get(request.socket, 'server')) ?? null;
  }

  /** Connections that were accepted and whose TLS handshake has not begun. */
  get handshakesWaiting(): number {
    return this.#handshakes.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** Whether answers should tell their clients to connect elsewhere. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Stops accepting, lets what is in flight finish, ends kept-alive connections; after a bound it cuts what is left. The
   * operator's listener goes last: until then /health/ready says that this instance is stopping.
   */
  close(timeoutMs: number = CLOSE_TIMEOUT_MS): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    if (this.#connections === undefined) return;
    const { terminals, public: publicOnes, operator } = this.#connections;
    const timer = setTimeout(() => {
      for (const connections of [terminals, publicOnes, operator]) connections.cut();
    }, timeoutMs);
    await Promise.all([terminals.close(), publicOnes.close()]);
    await operator.close();
    clearTimeout(timer);
  }

  /** A connection that could not be accepted (too many open files) must not end the process and all other connections. */
  #surviveAcceptErrors(servers: NodeServers): void {
    for (const [name, server] of Object.entries(servers) as [ListenerName, NetServer][])
      server.on('error', (error) => {
        const suppressed = this.#acceptErrors.pass(name);
        if (suppressed !== null) this.log.error('a connection was not accepted', { listener: name, suppressed }, error);
      });
  }

  /** Connections count for the client that a balancer names, or for whoever connects directly. */
  #admitClients(server: HttpsServer, connectionsMax: number): void {
    const bound = new BoundConnections(server, connectionsMax);
    if (this.proxyProtocolFrom.length === 0)
      server.prependListener('connection', (socket: Socket) => bound.admit(socket, socket.remoteAddress ?? ''));
    else
      expectProxyHeaders(server, networkList(this.proxyProtocolFrom), this.log, (socket, client) =>
        bound.admit(socket, client),
      );
  }

  #made(): NodeServers {
    if (this.#servers === undefined) throw new Error('the listeners were not given to an application');
    return this.#servers;
  }
}

async function listen(server: NetServer, name: ListenerName, wanted: ListenerAddress): Promise<ListenerAddress> {
  const { host, port } = wanted;
  server.listen({ host, port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new ListenFailure(listenFault(name, wanted, error), error);
  }
  const address = server.address() as AddressInfo;
  return { host, port: address.port };
}
