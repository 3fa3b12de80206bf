import { useQuery } from '@tanstack/react-query';
import { get, type Query } from './client.js';

/** Asks the server for what a view shows; the same question within half a minute is answered from the cache. */
export function useReport<Data>(path: string, query: Query = {}, enabled = true) {
  return useQuery({ queryKey: [path, query], queryFn: ({ signal }) => get<Data>(path, query, signal), enabled });
}
