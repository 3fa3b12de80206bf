import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { KeyRing } from '../keys/key-ring.js';
import { TerminalDirectory } from '../registry/terminal-directory.js';
import type { Caller } from './caller.js';
import { judgeCaller } from './judge-caller.js';
import { type Peer, peerOf } from './peer.js';

/** Finds out, at every request anew, who is at the other end of a connection. */
@Injectable()
export class TerminalAuthenticator {
  constructor(
    private readonly keys: KeyRing,
    private readonly directory: TerminalDirectory,
  ) {}

  /** Outages of the database come as the driver's errors. */
  async authenticate(socket: Socket): Promise<Caller> {
    const peer = this.peerOf(socket);
    const record = peer?.isTrusted === true ? await this.directory.byThumbprint(peer.thumbprint) : null;
    return judgeCaller(peer, record, Date.now());
  }

  /** The certificate that a connection showed, judged without the database; null: none. */
  peerOf(socket: Socket): Peer | null {
    return peerOf(socket, this.keys.authorities());
  }
}
