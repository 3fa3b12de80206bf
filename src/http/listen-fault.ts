import type { ListenerAddress } from '../configuration/settings.js';
import { type Fault, faultText } from '../database/fault.js';
import type { ListenerName } from './listener.js';

/** A listener could not begin to listen. The message says why and what to do. */
export class ListenFailure extends Error {
  override readonly name = 'ListenFailure';

  constructor(fault: Fault, cause: unknown) {
    super(faultText(fault), { cause });
  }
}

/** First ports that every user may open (`net.ipv4.ip_unprivileged_port_start`, where nobody changed it). */
const UNPRIVILEGED_PORT_MIN = 1_024;

/** Why an address cannot be listened on, by the settings that name it. */
export function listenFault(listener: ListenerName, { host, port }: ListenerAddress, error: unknown): Fault {
  const setting = listener.toUpperCase();
  const { code = 'unknown error' } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EADDRINUSE':
      return {
        seen: `Port ${port} (${setting}_PORT) is taken by another program.`,
        advice: `See who has it (ss -ltnp, or lsof -i :${port}); stop that, or choose another port in ${setting}_PORT.`,
      };
    case 'EACCES':
    case 'EPERM':
      return {
        seen: `Port ${port} (${setting}_PORT) may not be opened by this user.`,
        advice: `Choose one from ${UNPRIVILEGED_PORT_MIN} up in ${setting}_PORT, or let the service manager grant CAP_NET_BIND_SERVICE.`,
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return {
        seen: `${setting}_HOST names no address of this machine.`,
        advice: `Set ${setting}_HOST to one of its own addresses, or to 0.0.0.0 (all of IPv4) or :: (all).`,
      };
    default:
      return {
        seen: `${setting}_HOST and ${setting}_PORT (${host}, ${port}) cannot be listened on (${code}).`,
        advice: 'See the manual page of bind(2) for what that means.',
      };
  }
}
