import { readFile } from 'node:fs/promises';

/** Between two looks, in milliseconds: a storm takes seconds. */
const LOOK_MS = 100;
const BYTES_PER_KIB = 1_024;

/** Looks at the memory of a process again and again. @returns `stop`, which gives the most bytes that it had; null: the system does not tell */
export function watchMemory(pid: number): { stop(): Promise<number | null> } {
  let most: number | null = null;
  const look = async (): Promise<void> => {
    const bytes = await residentBytes(pid);
    if (bytes !== null) most = Math.max(most ?? 0, bytes);
  };
  const timer = setInterval(() => void look(), LOOK_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await look();
      return most;
    },
  };
}

/** The line VmRSS of /proc/PID/status (proc_pid_status(5)); null where there is none. */
async function residentBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * BYTES_PER_KIB;
}
