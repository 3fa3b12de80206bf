import { useSearchParams } from 'react-router';
import { ownZone } from './period.js';
import { isZone } from './zoned-time.js';

/** The zone in which a page without period shows its times: the address's, else the browser's. */
export function useZone(): string {
  const [parameters] = useSearchParams();
  const wanted = parameters.get('zone');
  return wanted !== null && isZone(wanted) ? wanted : ownZone();
}
