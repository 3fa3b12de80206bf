import { isIPv4, isIPv6 } from 'node:net';
import type { HeaderReading } from './header-reading.js';

/** The longest line that the specification (2.1) allows, its line end included. */
const LINE_BYTES_MAX = 107;
const LINE_END = '\r\n';

/** One space between the fields, no leading zeros, no signs: what the specification allows and nothing else. */
const LINE = /^PROXY (TCP4|TCP6) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) (0|[1-9][0-9]{0,4}) (0|[1-9][0-9]{0,4})$/;
/** Anything may follow, and none of it means anything (2.1). */
const UNKNOWN = /^PROXY UNKNOWN(?: |$)/;
const PORT_MAX = 65_535;

/** Version 1: a line of text. @param bytes that begin as version 1 does */
export function readVersion1(bytes: Buffer): HeaderReading {
  const text = bytes.subarray(0, LINE_BYTES_MAX).toString('latin1');
  const end = text.indexOf(LINE_END);
  if (end < 0) {
    return bytes.length < LINE_BYTES_MAX
      ? { kind: 'incomplete' }
      : invalid(`its line is longer than ${LINE_BYTES_MAX} bytes`);
  }
  const line = text.slice(0, end);
  const length = end + LINE_END.length;
  if (UNKNOWN.test(line)) return { kind: 'header', client: null, length };
  const [, family, source = '', destination = '', sourcePort, destinationPort] = LINE.exec(line) ?? [];
  if (family === undefined) return invalid('its line has not the form of the specification');
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  const ports = [Number(sourcePort), Number(destinationPort)];
  if (!isAddress(source) || !isAddress(destination) || ports.some((port) => port > PORT_MAX))
    return invalid(`its addresses or ports are none of ${family}`);
  return { kind: 'header', client: { address: source, port: ports[0] ?? 0 }, length };
}

function invalid(why: string): HeaderReading {
  return { kind: 'invalid', why };
}
