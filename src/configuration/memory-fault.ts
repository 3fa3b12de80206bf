import { type MemoryPlan, planMemory } from './memory-plan.js';
import type { Settings } from './settings.js';

const MIB = 1_048_576;

/** What is wrong with the memory of this process, and what to do; null: it is enough for the bounds that the server keeps. */
export function memoryFault(plan: MemoryPlan): { readonly seen: string; readonly advice: string } | null {
  if (plan.missingBytes === 0) return null;
  const needed = mib(plan.availableBytes + plan.missingBytes);
  return {
    seen: `This process has ${mib(plan.availableBytes)} MiB of memory, and with these settings a server may need ${needed} MiB.`,
    advice: `Give it ${needed} MiB or more (SERVER_MEMORY with compose, MemoryMax with systemd), or lower READING_THREADS, ISSUANCE_QUEUE_INVOICES_MAX or the pools.`,
  };
}

/** The parts of the plan in one sentence. */
export function planSentence(plan: MemoryPlan): string {
  const { availableBytes, sumBytes, baseBytes, workBytes, terminalsBytes } = plan;
  const { connectionsBytes, connectionsMax, bodiesBytes, evidenceMissingBytes } = plan;
  const work =
    evidenceMissingBytes === 0 ? 'threads, sessions, queues and an evidence file' : 'threads, sessions and queues';
  const sum = `This process has ${mib(availableBytes)} MiB of memory, and takes ${mib(sumBytes)} MiB at most: ${mib(baseBytes)} by itself, ${mib(workBytes)} for ${work}, ${mib(terminalsBytes)} for what is remembered of terminals, ${mib(connectionsBytes)} for ${connectionsMax} connections, and room for ${mib(bodiesBytes)} of bodies in flight.`;
  if (evidenceMissingBytes === 0) return sum;
  return `${sum} It writes no evidence files for officials: it would need ${mib(availableBytes + evidenceMissingBytes)} MiB.`;
}

/** The memory is less than what the server bounds itself to: an attack could have the system end it. */
export class MemoryTooSmall extends Error {
  constructor(fault: { readonly seen: string; readonly advice: string }) {
    super(`${fault.seen} ${fault.advice}`);
    this.name = 'MemoryTooSmall';
  }
}

/** @throws {@link MemoryTooSmall} */
export function assertMemorySuffices(settings: Settings): void {
  const fault = memoryFault(planMemory(settings));
  if (fault !== null) throw new MemoryTooSmall(fault);
}

function mib(bytes: number): number {
  return Math.ceil(bytes / MIB);
}
