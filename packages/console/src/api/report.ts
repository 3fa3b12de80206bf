import { useQuery } from '@tanstack/react-query';
import { get, type Query } from './client.js';

/** Another page or period of the same report: the old one stays, greyed, until the new one is there. */
function keptOf(path: string) {
  return <Data>(previous: Data | undefined, before?: { readonly queryKey: readonly unknown[] }): Data | undefined =>
    before?.queryKey[0] === path ? previous : undefined;
}

/** Asks the server for what a view shows; the same question within half a minute is answered from the cache. */
export function useReport<Data>(path: string, query: Query = {}) {
  return useQuery({
    queryKey: [path, query] as const,
    queryFn: ({ signal }) => get<Data>(path, query, signal),
    placeholderData: keptOf(path),
  });
}
