import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Settings } from '../configuration/settings.js';
import { KeyRing } from '../keys/key-ring.js';
import { TerminalDirectory } from '../registry/terminal-directory.js';
import type { Caller } from './caller.js';
import { judgeCaller } from './judge-caller.js';
import { type Peer, peerOf } from './peer.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Finds out, at every request anew, who is at the other end of a connection. */
@Injectable()
export class TerminalAuthenticator {
  constructor(
    private readonly keys: KeyRing,
    private readonly directory: TerminalDirectory,
    private readonly settings: Settings,
  ) {}

  /** Outages of the database come as the driver's errors. */
  async authenticate(socket: Socket): Promise<Caller> {
    const peer = this.peerOf(socket);
    const record = peer?.isTrusted === true ? await this.directory.byThumbprint(peer.thumbprint) : null;
    const expiredMsMax = this.settings.enrolment.expiredDaysMax * DAY_MS;
    return judgeCaller(peer, record, { nowMs: Date.now(), expiredMsMax });
  }

  /** The certificate that a connection showed, judged without the database; null: none. */
  peerOf(socket: Socket): Peer | null {
    return peerOf(socket, this.keys.authorities());
  }
}
