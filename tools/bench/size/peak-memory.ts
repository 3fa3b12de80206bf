import { readFile } from 'node:fs/promises';

const BYTES_PER_KIB = 1024;

/** The most memory that a process ever had (VmHWM of proc(5)); null where there is no /proc. */
export async function peakMemoryBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? [];
  return kib === undefined ? null : Number(kib) * BYTES_PER_KIB;
}
