import { X509Certificate } from 'node:crypto';
import type { Clock } from '@tax-control/protocol';
import type { ListenerMaterial } from './key-custody.js';
import { type KeyEntry, entryOfCertificate } from './key-entries.js';
import type { KeyRing } from './key-ring.js';
import { linksFrom } from './load-authorities.js';
import { certificatePem, issueTerminalListener, keyPem } from './make-parts.js';

/**
 * How often a server makes another one, milliseconds: a day. So 44 days are left at any time, and one that cannot be made is
 * noticed two weeks before the first warning (judge-validity.ts).
 */
const RENEWED_AFTER_MS = 24 * 60 * 60 * 1000;

/** @property digest of the ring whose authority issued it, and whose hosts it names */
interface Shown {
  readonly material: ListenerMaterial;
  readonly certificate: X509Certificate;
  readonly issuedAtMs: number;
  readonly digest: string;
}

/**
 * Key and certificate of the terminals' listener. Each server process makes its own, in memory alone, and makes another every day: so
 * a stolen one is soon worth nothing, instances need not agree, and the keys directory may be read-only (docs/decisions/0031).
 */
export class TerminalListener {
  private constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
    private shown: Shown,
  ) {}

  static async of(keys: KeyRing, clock: Clock): Promise<TerminalListener> {
    return new TerminalListener(keys, clock, await issue(keys, new Date(clock.now())));
  }

  material(): ListenerMaterial {
    return this.shown.material;
  }

  /** All keys and certificates of this server: those of the ring, and the one shown to tills. */
  list(): KeyEntry[] {
    return [...this.keys.list(), entryOfCertificate('terminal_listener', 'in_use', this.shown.certificate)];
  }

  /** Makes another one if it is time for it, if the clock was set, or if the keys or hosts are others. @returns whether it did */
  async renew(): Promise<boolean> {
    const now = new Date(this.clock.now());
    const { issuedAtMs, digest } = this.shown;
    const isRecent = Math.abs(now.getTime() - issuedAtMs) < RENEWED_AFTER_MS;
    if (isRecent && digest === this.keys.digest) return false;
    this.shown = await issue(this.keys, now);
    return true;
  }
}

async function issue(keys: KeyRing, now: Date): Promise<Shown> {
  const { digest, environment } = keys;
  const hosts = keys.terminalHosts();
  const links = keys.links();
  const made = await issueTerminalListener({ environment, hosts, now }, keys.issuingCa());
  const certificate = new X509Certificate(made.certificate);
  // With the links behind it: a till that trusts another authority than the one that issued it finds the way by them.
  const cert = [certificatePem(made.certificate), ...linksFrom(certificate, links).map(String)].join('');
  return { material: { cert, key: keyPem(made.key) }, certificate, issuedAtMs: now.getTime(), digest };
}
