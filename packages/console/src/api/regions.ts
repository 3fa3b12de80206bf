import { useQuery } from '@tanstack/react-query';
import { CONSOLE_LIMITS, type Page, type RegionRow } from '@tax-control/protocol/console';
import { get } from './client.js';

/** Regions come and go with years. */
const STALE_MS = 600_000;

/** Names of the regions that the official may see; none while they are not known. */
export function useRegions() {
  return useQuery({
    queryKey: ['regions'],
    queryFn: async ({ signal }) => {
      const answer = await get<Page<RegionRow>>('/regions', { pageSize: CONSOLE_LIMITS.pageSizeMax }, signal);
      return answer.items.map(({ region }) => region);
    },
    staleTime: STALE_MS,
  });
}
