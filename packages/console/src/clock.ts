import { createContext, useContext } from 'react';
import { type Clock, systemClock } from '@tax-control/protocol/console';

/** The clock of the browser, unless a parent gives another one. */
export const ClockContext = createContext<Clock>(systemClock);

export function useClock(): Clock {
  return useContext(ClockContext);
}
