import { type Passage, type Relay, type Side, startRelay, type Verdict } from './relay.js';

/** What can be wrong with a line between tills and a server. */
export type LineFault =
  | { readonly kind: 'refuse' }
  /** What a till asks never arrives. */
  | { readonly kind: 'drop_request' }
  /** What the server answers never arrives; it has done what it was asked to. */
  | { readonly kind: 'drop_answer' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'reset'; readonly afterBytes: number }
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Neither side hears of the other any more, and nobody is told. */
  | { readonly kind: 'half_open' }
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }
  | { readonly kind: 'double' };

/** A line between tills and one server. */
export interface Line {
  readonly port: number;
  break(fault: LineFault): Promise<void>;
  /** @returns how many requests, answers or connections the fault has met */
  mend(): Promise<number>;
  close(): Promise<void>;
}

const MS_PER_SECOND = 1_000;

export async function startLine(serverPort: number): Promise<Line> {
  let fault: LineFault | null = null;
  let met = 0;
  const judge = (bytes: Buffer, side: Side, passage: Passage): Verdict => {
    const verdict = fault === null ? 'pass' : judgeBy(fault, bytes, side, passage);
    if (verdict !== 'pass') met += 1;
    return verdict;
  };
  const doubles = (): boolean => {
    if (fault?.kind !== 'double') return false;
    met += 1;
    return true;
  };
  const relay: Relay = await startRelay({ target: () => serverPort, judge, doubles });
  return {
    port: relay.port,
    break: async (next) => {
      [fault, met] = [next, 0];
      if (next.kind !== 'refuse') return;
      met = relay.cutAll();
      await relay.refuse();
    },
    mend: async () => {
      fault = null;
      await relay.listen();
      return met;
    },
    close: () => relay.close(),
  };
}

function judgeBy(fault: LineFault, bytes: Buffer, side: Side, passage: Passage): Verdict {
  if (fault.kind === 'delay') return { afterMs: fault.ms };
  if (fault.kind === 'slow') return { afterMs: (bytes.length / fault.bytesPerSecond) * MS_PER_SECOND };
  if (fault.kind === 'cut' || fault.kind === 'reset') {
    const left = fault.afterBytes - passage.bytes.client - passage.bytes.server;
    if (left > bytes.length) return 'pass';
    return { only: Math.max(0, left), end: fault.kind === 'cut' ? 'close' : 'reset' };
  }
  // What a server says first belongs to the handshake; what a till says after it may be a request.
  if (passage.bytes.server === 0) return 'pass';
  const isLost = fault.kind === 'half_open' || fault.kind === (side === 'client' ? 'drop_request' : 'drop_answer');
  return isLost ? 'silence' : 'pass';
}
