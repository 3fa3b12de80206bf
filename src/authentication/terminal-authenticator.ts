import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import { Clock } from '@tax-control/protocol';
import { Settings } from '../configuration/settings.js';
import { KeyRing } from '../keys/key-ring.js';
import { TerminalDirectory } from '../registry/terminal-directory.js';
import type { Caller } from './caller.js';
import { type CallerRule, isStranger, judgeCaller } from './judge-caller.js';
import { type Peer, peerOf } from './peer.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Finds out, at every request anew, who is at the other end of a connection. */
@Injectable()
export class TerminalAuthenticator {
  constructor(
    private readonly keys: KeyRing,
    private readonly directory: TerminalDirectory,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** Outages of the database come as the driver's errors. */
  async authenticate(socket: Socket): Promise<Caller> {
    const peer = this.peerOf(socket);
    const record =
      peer?.isTrusted === true ? await this.directory.byCertificate(peer.terminalId, peer.thumbprint) : null;
    return judgeCaller(peer, record, this.rule());
  }

  /** Whose connection it is, as far as its certificate and what was known last tell without a look-up; null: a stranger's. */
  terminalAtHand(socket: Socket): string | null {
    const peer = this.peerOf(socket);
    if (peer === null || isStranger(peer, this.directory.lastKnown(peer.terminalId), this.rule())) return null;
    return peer.terminalId;
  }

  private peerOf(socket: Socket): Peer | null {
    return peerOf(socket, this.keys.authorities());
  }

  private rule(): CallerRule {
    return { nowMs: this.clock.now(), expiredMsMax: this.settings.enrolment.expiredDaysMax * DAY_MS };
  }
}
