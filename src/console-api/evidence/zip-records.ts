/** What a ZIP says of one file (APPNOTE 6.3, 4.4). `packedBytes` and `bytes` are the same where nothing is compressed. */
export interface ZipEntry {
  readonly path: Buffer;
  readonly madeAt: Date;
  readonly isDeflated: boolean;
  /** Its sizes follow it, because it is written before they are known. */
  readonly isStreamed: boolean;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
}

/** Sizes, counts and offsets that do not fit say so by this, and stand in records of the 64-bit form. */
const SHORT_MAX = 0xffff;
const LONG_MAX = 0xffffffff;
/** The 64-bit form may follow, and the file's attributes are those of Unix. */
const VERSION = 45;
const MADE_BY = (3 << 8) | VERSION;
const ATTRIBUTES = 0o100644 * 2 ** 16;
const UTF8_NAME = 1 << 11;
const SIZES_FOLLOW = 1 << 3;
const DEFLATED = 8;
const FIRST_YEAR = 1980;

/** Before the bytes of a file. */
export function localHeader(entry: ZipEntry): Buffer {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(VERSION, 4);
  commonPart(entry, entry.isStreamed ? { crc: 0, packedBytes: 0, bytes: 0 } : entry).copy(header, 6);
  return Buffer.concat([header, entry.path]);
}

/** After the bytes of a streamed file. */
export function dataDescriptor({ crc, packedBytes, bytes }: ZipEntry): Buffer {
  const descriptor = Buffer.alloc(16);
  descriptor.writeUInt32LE(0x08074b50, 0);
  descriptor.writeUInt32LE(crc, 4);
  descriptor.writeUInt32LE(packedBytes, 8);
  descriptor.writeUInt32LE(bytes, 12);
  return descriptor;
}

/** In the directory at the end. `offset`: where the local header begins. */
export function centralRecord(entry: ZipEntry, offset: number): Buffer {
  const isFar = offset >= LONG_MAX;
  const record = Buffer.alloc(46);
  record.writeUInt32LE(0x02014b50, 0);
  record.writeUInt16LE(MADE_BY, 4);
  record.writeUInt16LE(VERSION, 6);
  commonPart(entry, entry).copy(record, 8);
  record.writeUInt16LE(isFar ? 12 : 0, 30);
  record.writeUInt32LE(ATTRIBUTES, 38);
  record.writeUInt32LE(Math.min(offset, LONG_MAX), 42);
  if (!isFar) return Buffer.concat([record, entry.path]);
  const extra = Buffer.alloc(12);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8, 2);
  extra.writeBigUInt64LE(BigInt(offset), 4);
  return Buffer.concat([record, entry.path, extra]);
}

/** After the directory: in the 64-bit form too, where a number needs it. */
export function endRecords(count: number, directoryOffset: number, directoryBytes: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, SHORT_MAX), 8);
  end.writeUInt16LE(Math.min(count, SHORT_MAX), 10);
  end.writeUInt32LE(Math.min(directoryBytes, LONG_MAX), 12);
  end.writeUInt32LE(Math.min(directoryOffset, LONG_MAX), 16);
  if (count < SHORT_MAX && directoryOffset < LONG_MAX && directoryBytes < LONG_MAX) return end;
  const long = Buffer.alloc(76);
  long.writeUInt32LE(0x06064b50, 0);
  long.writeBigUInt64LE(44n, 4);
  long.writeUInt16LE(MADE_BY, 12);
  long.writeUInt16LE(VERSION, 14);
  long.writeBigUInt64LE(BigInt(count), 24);
  long.writeBigUInt64LE(BigInt(count), 32);
  long.writeBigUInt64LE(BigInt(directoryBytes), 40);
  long.writeBigUInt64LE(BigInt(directoryOffset), 48);
  // Where the record above begins.
  long.writeUInt32LE(0x07064b50, 56);
  long.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64);
  long.writeUInt32LE(1, 72);
  return Buffer.concat([long, end]);
}

/** What both headers of a file have: flags, method, time, checksum, sizes, length of the name. */
function commonPart(
  { path, madeAt, isDeflated, isStreamed }: ZipEntry,
  { crc, packedBytes, bytes }: Pick<ZipEntry, 'crc' | 'packedBytes' | 'bytes'>,
): Buffer {
  if (bytes >= LONG_MAX || packedBytes >= LONG_MAX) throw new RangeError(`${path.toString()} is too large for a ZIP`);
  const part = Buffer.alloc(22);
  part.writeUInt16LE(UTF8_NAME | (isStreamed ? SIZES_FOLLOW : 0), 0);
  part.writeUInt16LE(isDeflated ? DEFLATED : 0, 2);
  part.writeUInt16LE((madeAt.getHours() << 11) | (madeAt.getMinutes() << 5) | (madeAt.getSeconds() >> 1), 4);
  const year = madeAt.getFullYear() - FIRST_YEAR;
  part.writeUInt16LE((year << 9) | ((madeAt.getMonth() + 1) << 5) | madeAt.getDate(), 6);
  part.writeUInt32LE(crc, 8);
  part.writeUInt32LE(packedBytes, 12);
  part.writeUInt32LE(bytes, 16);
  part.writeUInt16LE(path.length, 20);
  return part;
}
