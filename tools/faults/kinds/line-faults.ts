import { type Aim, type FaultKind, numberOf, type PlannedFault } from '../fault.js';
import { SERVERS } from '../size.js';
import type { LineFault } from '../line.js';
import type { Random } from '../../simulator/random.js';

/** Of three faults, two are on both lines: a till whose other line is well only goes there. */
const BOTH_SHARE = 2 / 3;

function aimAt(random: Random, detail: Readonly<Record<string, number>> = {}): Aim {
  const line = random.whole(0, SERVERS - 1);
  const both = random.chance(BOTH_SHARE);
  const holds = Array.from({ length: SERVERS }, (_, index) => `line ${index}`);
  return { holds: both ? holds : [`line ${line}`], detail: { line, both, ...detail } };
}

function lineFault(
  name: string,
  what: string,
  lasts: readonly [number, number],
  faultOf: (fault: PlannedFault) => LineFault,
  draw: (random: Random) => Readonly<Record<string, number>> = () => ({}),
): FaultKind {
  return {
    name,
    what,
    lasts,
    aim: (random) => aimAt(random, draw(random)),
    act: async (scene, fault, lasting) => {
      const { both, line } = fault.detail;
      const lines = both === true ? scene.lines : scene.lines.filter((_, index) => index === line);
      for (const one of lines) await one.break(faultOf(fault));
      await lasting.over();
      let count = 0;
      for (const one of lines) count += await one.mend();
      return { count, of: 'pieces or connections met' };
    },
  };
}

/** A handshake is some 3,000 bytes, an exchange 3,500. */
const BYTES = (random: Random): { readonly bytes: number } => ({ bytes: random.whole(1, 12_000) });
const SLOW_BYTES_PER_SECOND = 8_192;

/** What happens on the way between tills and servers. */
export const LINE_FAULTS: readonly FaultKind[] = [
  lineFault('line_refused', 'nobody can connect', [300, 6_000], () => ({ kind: 'refuse' })),
  lineFault('request_dropped', 'requests do not arrive', [300, 4_000], () => ({ kind: 'drop_request' })),
  lineFault('answer_dropped', 'answers do not arrive', [300, 4_000], () => ({ kind: 'drop_answer' })),
  lineFault(
    'line_delayed',
    'every piece is late',
    [1_000, 5_000],
    (fault) => ({ kind: 'delay', ms: numberOf(fault, 'ms') }),
    (random) => ({ ms: random.whole(20, 1_200) }),
  ),
  lineFault(
    'line_reset',
    'connections are reset in the middle',
    [500, 4_000],
    (fault) => ({ kind: 'reset', afterBytes: numberOf(fault, 'bytes') }),
    BYTES,
  ),
  lineFault('half_open', 'connections pass nothing and do not end', [300, 4_000], () => ({ kind: 'half_open' })),
  lineFault(
    'line_cut',
    'connections are closed after so many bytes',
    [500, 4_000],
    (fault) => ({ kind: 'cut', afterBytes: numberOf(fault, 'bytes') }),
    BYTES,
  ),
  lineFault('line_slow', 'eight kilobytes a second', [2_000, 6_000], () => ({
    kind: 'slow',
    bytesPerSecond: SLOW_BYTES_PER_SECOND,
  })),
  lineFault('connection_doubled', 'what a till says arrives twice', [1_000, 5_000], () => ({ kind: 'double' })),
  {
    name: 'name_not_found',
    what: 'the name server of a till knows no name',
    lasts: [500, 5_000],
    aim: (random, { agents }) => {
      const agent = random.whole(0, agents - 1);
      return { holds: [`agent ${agent}`], detail: { agent } };
    },
    act: async (scene, fault, lasting) => {
      const agent = scene.agents[numberOf(fault, 'agent')];
      if (agent === undefined) throw new RangeError('there is no such agent');
      const before = agent.namesRefused;
      agent.tell({ namesFound: false });
      // Names are asked for by new connections only.
      for (const line of scene.lines) await line.break({ kind: 'refuse' }).then(() => line.mend());
      await lasting.over();
      agent.tell({ namesFound: true });
      return { count: agent.namesRefused - before, of: 'names not found' };
    },
  },
];
