import { createContext, type ReactNode, useContext, useEffect } from 'react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { CurrentSession, OfficialRole, PasswordChange, SignIn } from '@tax-control/protocol/console';
import { ApiProblem, get, keepCsrfToken, send } from './client.js';

export const SESSION_KEY = ['session'] as const;

/** Roles that one of the key may act as; the server decides, this only hides what would be refused. */
const INCLUDED: Readonly<Record<OfficialRole, readonly OfficialRole[]>> = {
  official: ['official'],
  operator: ['operator', 'official'],
  administrator: ['administrator', 'operator', 'official'],
  supervisor: ['supervisor', 'official'],
};

/** Nobody is signed in: an answer, not a failure. */
async function readSession(): Promise<CurrentSession | null> {
  try {
    const session = await get<CurrentSession>('/session');
    keepCsrfToken(session.csrfToken);
    return session;
  } catch (error) {
    if (error instanceof ApiProblem && error.problem.status === 401) return null;
    throw error;
  }
}

/** Who is signed in; null: nobody. */
export function useSessionQuery() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: readSession, staleTime: Infinity, retry: false });
}

const SessionContext = createContext<CurrentSession | null>(null);

export function SessionProvider(props: { readonly session: CurrentSession; readonly children: ReactNode }) {
  useEffect(() => keepCsrfToken(props.session.csrfToken), [props.session.csrfToken]);
  return <SessionContext.Provider value={props.session}>{props.children}</SessionContext.Provider>;
}

/** The session of who looks at the page. @throws outside of a SessionProvider */
export function useSession(): CurrentSession {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('the session was asked for where nobody is signed in');
  return session;
}

/** Whether who is signed in may act in a role. */
export function useMay(): (role: OfficialRole) => boolean {
  const { roles } = useSession();
  return (role) => roles.some((own) => INCLUDED[own].includes(role));
}

/** Signing in and out, and a new password: each leaves the cache with what the new session may see, and nothing else. */
export function useSessionActions() {
  const client = useQueryClient();
  const begin = (session: CurrentSession | null) => {
    keepCsrfToken(session?.csrfToken ?? null);
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] });
    client.setQueryData(SESSION_KEY, session);
  };
  return {
    signIn: async (signIn: SignIn) => begin(await send<CurrentSession>('POST', '/session', signIn)),
    changePassword: async (change: PasswordChange) => begin(await send<CurrentSession>('PUT', '/password', change)),
    signOut: async () => {
      await send('DELETE', '/session');
      begin(null);
    },
  };
}
