import { closeSync, fdatasyncSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { digestOf, parseJsonBytes } from '@tax-control/protocol';
import { SECRET_MODE, syncFolder } from '../enrolment/durable-file.js';

/** The newest invoice of a chain that was written. `counter` 0 and `digest` null: the chain is empty. */
export interface MarkedEnd {
  readonly journalId: string;
  readonly counter: number;
  readonly digest: string | null;
}

/** Ends of the newest chains of a journal's file, the newest chain first. */
export type Mark = readonly MarkedEnd[];

/** What stands in the file. `detail`: why it cannot be read. */
export type MarkReading =
  | { readonly state: 'sound'; readonly mark: Mark }
  | { readonly state: 'missing' }
  | { readonly state: 'unreadable'; readonly detail: string };

/** Bytes of a slot: a page of its own, so that a write that is torn leaves the other slot alone. */
export const SLOT_BYTES = 4096;
const SLOTS = 2;
/** Chains in one mark: a lost -wal file holds the newest 4 MB, in which a chain seldom begins and never five. */
export const MARKED_CHAINS_MAX = 4;

interface Slot {
  readonly sequence: number;
  readonly mark: Mark;
}

/**
 * The file `journal.mark` beside a journal: two slots of fixed size, written in turn, each with a checksum. A crash tears at most the slot
 * that is being written, and the other one stands. Its space is there from the first, so that a full disk does not stop it.
 */
export class MarkFile {
  #descriptor: number | null = null;
  #newest: Slot | null = null;
  /** Which slot holds the newest. */
  #place = 0;

  constructor(readonly file: string) {}

  read(): MarkReading {
    try {
      const bytes = readFileSync(this.file);
      const slots = Array.from({ length: SLOTS }, (_, place) => readSlot(slotOf(bytes, place)));
      const newest = Math.max(...slots.map((slot) => slot?.sequence ?? 0));
      this.#place = Math.max(
        0,
        slots.findIndex((slot) => slot?.sequence === newest),
      );
      this.#newest = slots[this.#place] ?? null;
      if (this.#newest === null) return { state: 'unreadable', detail: 'no slot of it is whole' };
      return { state: 'sound', mark: this.#newest.mark };
    } catch (error) {
      if (isMissing(error)) return { state: 'missing' };
      return { state: 'unreadable', detail: error instanceof Error ? error.message : String(error) };
    }
  }

  /**
   * On disk when it returns. Idempotent. Whatever fails, the slot that stood before stands.
   * @throws what the operating system says
   */
  write(mark: Mark): void {
    if (this.#newest !== null && JSON.stringify(this.#newest.mark) === JSON.stringify(mark)) return;
    const next = { sequence: (this.#newest?.sequence ?? 0) + 1, mark };
    try {
      if (this.#newest === null) this.#make(next);
      else this.#overwrite(next, (this.#place + 1) % SLOTS);
    } catch (error) {
      this.close();
      throw error;
    }
    this.#newest = next;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #make(slot: Slot): void {
    this.close();
    this.#descriptor = openSync(this.file, 'w', SECRET_MODE);
    writeAll(this.#descriptor, Buffer.concat([writtenSlot(slot), Buffer.alloc(SLOT_BYTES, ' ')]), 0);
    fsyncSync(this.#descriptor);
    syncFolder(dirname(this.file));
    this.#place = 0;
  }

  #overwrite(slot: Slot, place: number): void {
    this.#descriptor ??= openSync(this.file, 'r+');
    writeAll(this.#descriptor, writtenSlot(slot), place * SLOT_BYTES);
    fdatasyncSync(this.#descriptor);
    this.#place = place;
  }
}

/** `journal.mark` beside `journal.sqlite`: a name that who removes `journal.sqlite*` does not remove with it. */
export function markFileOf(journalFile: string): string {
  return `${journalFile.replace(/\.sqlite$/, '')}.mark`;
}

/** A line that a person can read: the mark as JSON, its SHA-256, blanks up to the size. */
function writtenSlot(slot: Slot): Buffer {
  const text = JSON.stringify(slot);
  return Buffer.from(`${text} ${digestOf(Buffer.from(text))}`.padEnd(SLOT_BYTES - 1).concat('\n'));
}

function slotOf(bytes: Buffer, place: number): Buffer {
  return bytes.subarray(place * SLOT_BYTES, (place + 1) * SLOT_BYTES);
}

function readSlot(bytes: Buffer): Slot | null {
  const line = bytes.toString('latin1').trimEnd();
  const text = line.slice(0, line.lastIndexOf(' '));
  if (text === '' || line.slice(text.length + 1) !== digestOf(Buffer.from(text, 'latin1'))) return null;
  return (parseJsonBytes(Buffer.from(text, 'latin1'))?.value as Slot | undefined) ?? null;
}

function writeAll(descriptor: number, bytes: Buffer, at: number): void {
  for (let written = 0; written < bytes.length;)
    written += writeSync(descriptor, bytes, written, bytes.length - written, at + written);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
