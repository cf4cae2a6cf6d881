import { useSyncExternalStore } from "react";
import type { components } from "./schema";

export type Session = components["schemas"]["SessionView"];

// The reader's session; null before the API's first response. A store outside React Query, because fetch reads it.
const listeners = new Set<() => void>();
let session: Session | null = null;
let asking: Promise<void> | null = null;

// Assumed while the API cannot be reached; a 401 corrects it.
const FREE: Session = { authentication: false, role: "full" };

export function getSession(): Session | null {
  return session;
}

export function subscribeSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setSession(next: Session): void {
  if (session?.authentication === next.authentication && session.role === next.role) return;
  session = next;
  for (const listener of listeners) listener();
}

/** After a 401: there is no session any more. */
export function endSession(): void {
  setSession({ authentication: true, role: null });
}

/** Reads the session. At the start the request was already sent by start.ts. */
export function askSession(): Promise<void> {
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(): Promise<void> {
  const early = window.early?.["/api/session"];
  delete window.early?.["/api/session"];
  try {
    const response = await (early ?? fetch("/api/session"));
    setSession(response.ok ? ((await response.json()) as Session) : (session ?? FREE));
  } catch {
    setSession(session ?? FREE);
  }
}

/** Resolves once somebody is logged in; at once where somebody is. Rejects when `signal` aborts. */
export function waitForLogin(signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      forget();
      signal?.removeEventListener("abort", abort);
      end();
    };
    const look = () => {
      if (session?.role != null) settle(resolve);
    };
    const abort = () => settle(() => reject(signal?.reason));
    const forget = subscribeSession(look);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    else look();
  });
}

export function useSession(): Session | null {
  return useSyncExternalStore(subscribeSession, getSession);
}

/** Whether the reader may change something; a viewer's token only reads. */
export function useCanChange(): boolean {
  return useSession()?.role !== "read";
}
