import { useQuery } from '@tanstack/react-query';
import { send } from './client.js';

/** A look-up with a reason: asked once for each body, because each is an entry of the audit trail. Null: not asked yet. */
export function useLookUp<Answer>(path: string, body: object | null) {
  return useQuery({
    queryKey: ['look-up', path, body],
    queryFn: () => send<Answer>('POST', path, body),
    enabled: body !== null,
    staleTime: Infinity,
  });
}
