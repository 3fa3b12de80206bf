import { readFile } from 'node:fs/promises';
import type { AttackContext } from './attack.js';
import type { TillsPlan } from './messages.js';
import type { Stage } from './stage.js';

const BYTES_PER_KIB = 1_024;

/** @param name of the attack whose terminals are wanted */
export function contextOf(
  { local, authorityPem, attackers }: Stage,
  { name }: { readonly name: string },
  serverPid: number,
): AttackContext {
  const portOf = (address: string): number => Number(new URL(address).port);
  const { terminals, public: publicAddress, operator } = local.addresses;
  return {
    host: '127.0.0.1',
    ports: { terminals: portOf(terminals), public: portOf(publicAddress), operator: portOf(operator) },
    authorityPem,
    terminals: attackers.get(name) ?? [],
    superuserUrl: local.databaseUrls.superuser,
    serverPid,
  };
}

/** What the honest tills of a stage are to do. */
export function planOf(
  { local, authorityPem, sellers, latecomers }: Stage,
  pace: Pick<TillsPlan, 'intervalMs' | 'saleDeadlineMs'>,
): TillsPlan {
  const port = Number(new URL(local.addresses.terminals).port);
  return { host: '127.0.0.1', port, authorityPem, sellers, latecomers, ...pace };
}

/** Bytes of a line of /proc/PID/status; null once the process has gone, or where the system does not tell. */
export async function memoryOf(pid: number, line: 'VmRSS' | 'VmHWM'): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = new RegExp(`^${line}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * BYTES_PER_KIB;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
