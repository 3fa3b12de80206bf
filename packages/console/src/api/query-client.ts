import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './client.js';
import { SESSION_KEY } from './session.js';

/** How long an answer is shown again without asking: figures of a running day are a minute old at most. */
const STALE_MS = 30_000;

/** Makes the cache of answers. A session that has ended shows the sign-in again, at the same address. */
export function makeQueryClient(): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ApiProblem && error.problem.code === 'sign_in_required')
      client.setQueryData(SESSION_KEY, null);
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        retry: false,
        refetchOnWindowFocus: false,
      },
    },
  });
  return client;
}
