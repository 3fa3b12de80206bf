import { X509Certificate } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

/** Where the agent listens unless told otherwise: this machine only. */
export const AGENT_ADDRESS_DEFAULT = '127.0.0.1:8744';
const PORT_MAX = 65_535;

export interface ListenAddress {
  /** Name or IP address, without brackets. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Reads `host:port`, `[::1]:port`; null when it is neither. */
export function parseListenAddress(text: string): ListenAddress | null {
  const match = /^(?:\[(?<bracketed>[0-9A-Fa-f:.]+)\]|(?<plain>[^:[\]]+)):(?<port>[0-9]{1,5})$/.exec(text);
  const host = match?.groups?.['bracketed'] ?? match?.groups?.['plain'];
  const port = Number(match?.groups?.['port']);
  return host === undefined || !(port <= PORT_MAX) ? null : { host, port };
}

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host.toLowerCase() === 'localhost';
  return loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

/**
 * Makes the check of the Host header. A page from elsewhere, whose name was made to resolve to this machine (DNS rebinding),
 * still sends its own name. Allowed: the loopback names, the address listened on, and with TLS what the certificate bears.
 */
export function hostCheck(
  address: ListenAddress,
  certificatePem: string | null,
): (header: string | undefined) => boolean {
  const certificate = certificatePem === null ? null : new X509Certificate(certificatePem);
  return (header) => {
    const host = hostOf(header);
    if (host === null) return false;
    if (isLoopback(host) || host === address.host.toLowerCase()) return true;
    if (certificate === null) return false;
    return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
  };
}

/** The name in a Host header, lower case and without port and brackets. */
function hostOf(header: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/@]+))(?::[0-9]{1,5})?$/.exec((header ?? '').toLowerCase());
  return match?.[1] ?? match?.[2] ?? null;
}
