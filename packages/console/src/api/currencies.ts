import { useQuery } from '@tanstack/react-query';
import type { Currencies } from '@tax-control/protocol/console';
import { get } from './client.js';

/** An installation seldom sees another currency. */
const STALE_MS = 600_000;

/** The currency that most invoices on file are in; null while it is not known, or nothing was sold yet. */
export function useUsualCurrency(): string | null {
  const { data } = useQuery({
    queryKey: ['currencies'],
    queryFn: ({ signal }) => get<Currencies>('/currencies', {}, signal),
    staleTime: STALE_MS,
  });
  return data?.currencies[0] ?? null;
}
