import { LIMITS } from '@tax-control/protocol';
import { type BodyShare, type BodyShares, LONG_BODY_BYTES_MIN, SHORT_BODY_BYTES_MAX } from './body-budget.js';

/** Of all bodies. Strangers enrol and ask for an echo: hundreds at once, which take nothing from tills. */
const STRANGERS_SHARE = 0.05;
/** Officials sign in and act, customers report: nobody without a certificate who knocks at the tills' port keeps them out. */
const VISITORS_SHARE = 0.05;
/** A person at a browser, a shop that enrols its tills: dozens of requests of 1 KB at once. */
const STRANGER_ADDRESS_SHARE = 1 / 16;
/** Sales: a thousand of them at once, more than are in work in a second. */
const SHORT_SHARE = 0.2;
/** Of one terminal: a sale, the same once more, and what is on the way; a till sends one after the other. */
const SHORT_OF_TERMINAL = 8 * SHORT_BODY_BYTES_MAX;
const MIDDLE_SHARE = 0.2;
/** One in work, and the next. */
const MIDDLE_OF_TERMINAL = 2 * LONG_BODY_BYTES_MIN;
/** One of the largest: two of one terminal would leave no room for anybody else's where memory is short. */
const LONG_OF_TERMINAL = LIMITS.requestBytesMax;
/** Many tills may stand behind one address; half of it leaves the other half for everybody else. */
const ADDRESS_SHARE = 0.5;

/** Divides what bodies may take among their kinds. @param bytes of all bodies in flight, each counted once */
export function sharesOf(bytes: number): BodyShares {
  const strangers = Math.floor(bytes * STRANGERS_SHARE);
  const visitors = Math.floor(bytes * VISITORS_SHARE);
  const short = Math.floor(bytes * SHORT_SHARE);
  const middle = Math.floor(bytes * MIDDLE_SHARE);
  const long = bytes - strangers - visitors - short - middle;
  return {
    stranger: ofStrangers(strangers),
    visitor: ofStrangers(visitors),
    short: {
      total: short,
      ofTerminal: SHORT_OF_TERMINAL,
      ofAddress: Math.floor(short * ADDRESS_SHARE),
      leavesRoom: true,
    },
    // A till has one or two of these, and they are too long for a part of what is left to be of use.
    middle: {
      total: middle,
      ofTerminal: MIDDLE_OF_TERMINAL,
      ofAddress: Math.floor(middle * ADDRESS_SHARE),
      leavesRoom: false,
    },
    // Two of the largest fit, whatever the memory (memory-plan.ts): one of an address, and one of another.
    long: {
      total: long,
      ofTerminal: LONG_OF_TERMINAL,
      ofAddress: Math.max(LIMITS.requestBytesMax, Math.floor(long * ADDRESS_SHARE)),
      leavesRoom: false,
    },
  };
}

function ofStrangers(total: number): BodyShare {
  return { total, ofTerminal: null, ofAddress: Math.floor(total * STRANGER_ADDRESS_SHARE), leavesRoom: true };
}
