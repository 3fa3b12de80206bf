import { totalmem } from 'node:os';
import { LIMITS } from '@tax-control/protocol';
import type { Settings } from './settings.js';

const MIB = 1_048_576;

/** The server with everything loaded and nothing to do, garbage that waits for its collection included. Measured: 140 MiB. */
const BASE_BYTES = 170 * MIB;
/** A reading thread: its own heap, and the longest invoice in it as text, bytes and objects. */
const READING_THREAD_BYTES = 40 * MIB;
/**
 * One evidence file while it is written: the heap of its thread (48 MiB at most, evidence-threads.ts), names and digests of 20,000 invoices
 * (15 MiB), the bytes of the longest invoice (16 MiB), pieces that wait for the garbage collector (16 MiB), and what the allocator does not
 * give back (17 MiB). Measured: 107 MiB, the garbage of 20 sales a second beside it included.
 */
const EVIDENCE_BYTES = 112 * MIB;
/** A session of the database, on this side. */
const DATABASE_SESSION_BYTES = MIB / 2;
/** Argon2 while one password is checked, one at a time (src/officials/password-hash.ts). */
const PASSWORD_HASH_BYTES = 64 * MIB;
/** An invoice that waits for a thread or a list, beyond its body, which is counted as in flight: its head, and who waits for it. */
const QUEUED_INVOICE_BYTES = 2_048;
/** An open TLS connection with a client certificate. Measured, of 2,000: 53 KB just after the first request, 37 KB soon after. */
const CONNECTION_BYTES = 65_536;
/** Fewer connections than these serve no office: a hundred tills and as many people. */
const CONNECTIONS_MIN = 256;
/** Answers that wait for their readers: 128 of the longest pieces (src/http/unread-answers.ts). What nobody reads is given up beyond it. */
const ANSWERS_BYTES = 8 * MIB;
/** An answer that waits, and what TLS made of it. */
const ANSWER_COPIES = 2;
/** What is remembered of a terminal, its certificates' bytes and the key of the one in use. Measured: 5.5 KB with one certificate. */
const TERMINAL_BYTES = 8 * 1_024;
/** Share of all memory that may be remembered of terminals; who is forgotten costs a longer look-up. */
const TERMINALS_SHARE = 0.05;
/** Two fleets of 20,000. */
const TERMINALS_MAX = 40_000;
/**
 * How often the bytes of a body are in memory at most, on average: chunks and the whole while it is read; text, members and decoded
 * payload while it is in work, which large ones are one at a time.
 */
const BODY_COPIES = 3;
/** The body that is in work aside: text, members, payload, what goes to a thread and to the database. */
const ASIDE_COPIES = 8;

/** An evidence file takes no more of what is left: tills come first, and have then no fewer connections than in a server of 512 MiB. */
const EVIDENCE_SHARE_MAX = 0.4;
/** Share of what is left then that connections may take; the rest is for bodies. */
const CONNECTIONS_SHARE = 0.4;
/** More would only lengthen the queues: 64 MB are ten of the largest bodies and 10,000 usual ones. */
const BODIES_BYTES_MAX = 256 * MIB;
/** Two of the largest bodies, and usual ones. */
const BODIES_BYTES_MIN = 3 * LIMITS.requestBytesMax;

/** What this process may take of memory at most, part by part, in bytes; their sum is below what it has. */
export interface MemoryPlan {
  /** What the process has: the limit of its control group, or the machine's. */
  readonly availableBytes: number;
  readonly baseBytes: number;
  /** Threads, sessions and queues, by the settings, and the evidence file. */
  readonly workBytes: number;
  /** What is missing for evidence files, so that this server writes none; 0: it writes them, and their part is in `workBytes`. */
  readonly evidenceMissingBytes: number;
  readonly terminalsBytes: number;
  /** Terminals that are remembered. */
  readonly terminalsMax: number;
  /** Answers that wait for their readers, counted once; in `workBytes`. */
  readonly answersBytes: number;
  readonly connectionsBytes: number;
  /** Open connections of both TLS listeners together. */
  readonly connectionsMax: number;
  /** Bodies in flight, counted once; see {@link BODY_COPIES}. */
  readonly bodiesBytes: number;
  /** All of it together, with the copies. */
  readonly sumBytes: number;
  /** What is missing for the least that a server needs; 0: nothing. */
  readonly missingBytes: number;
}

/** Memory of this process, in bytes: the limit of its control group where there is one. */
export function memoryOfProcess(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return constrained > 0 && constrained < total ? constrained : total;
}

/** Distributes the memory that there is. */
export function planMemory(
  { issuance, database }: Pick<Settings, 'issuance' | 'database'>,
  availableBytes: number = memoryOfProcess(),
): MemoryPlan {
  const usualWorkBytes =
    // One more thread reads long invoices.
    (issuance.readingThreads + 1) * READING_THREAD_BYTES +
    (database.poolSize + database.reportsPoolSize) * DATABASE_SESSION_BYTES +
    2 * issuance.queueInvoicesMax * QUEUED_INVOICE_BYTES +
    PASSWORD_HASH_BYTES +
    ANSWER_COPIES * ANSWERS_BYTES +
    ASIDE_COPIES * LIMITS.requestBytesMax;
  const terminalsMax = Math.min(TERMINALS_MAX, Math.floor((availableBytes * TERMINALS_SHARE) / TERMINAL_BYTES));
  const terminalsBytes = terminalsMax * TERMINAL_BYTES;
  const neededForEvidence = (BASE_BYTES + usualWorkBytes + EVIDENCE_BYTES / EVIDENCE_SHARE_MAX) / (1 - TERMINALS_SHARE);
  const evidenceMissingBytes = Math.max(0, Math.ceil(neededForEvidence - availableBytes));
  const workBytes = usualWorkBytes + (evidenceMissingBytes === 0 ? EVIDENCE_BYTES : 0);
  const fixedBytes = BASE_BYTES + workBytes + terminalsBytes;
  const left = availableBytes - fixedBytes;
  const bodiesBytes = Math.floor(
    Math.min(BODIES_BYTES_MAX, Math.max(BODIES_BYTES_MIN, (left * (1 - CONNECTIONS_SHARE)) / BODY_COPIES)),
  );
  // Where memory is short, connections get what the least of bodies leaves.
  const connectionsBytes = Math.max(
    CONNECTIONS_MIN * CONNECTION_BYTES,
    Math.floor(Math.min(left * CONNECTIONS_SHARE, left - bodiesBytes * BODY_COPIES)),
  );
  const sumBytes = fixedBytes + connectionsBytes + bodiesBytes * BODY_COPIES;
  return {
    availableBytes,
    baseBytes: BASE_BYTES,
    workBytes,
    evidenceMissingBytes,
    terminalsBytes,
    terminalsMax,
    answersBytes: ANSWERS_BYTES,
    connectionsBytes,
    connectionsMax: Math.floor(connectionsBytes / CONNECTION_BYTES),
    bodiesBytes,
    sumBytes,
    missingBytes: Math.max(0, sumBytes - availableBytes),
  };
}
