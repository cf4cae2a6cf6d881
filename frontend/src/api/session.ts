import { useSyncExternalStore } from "react";
import type { components } from "./schema";

export type Session = components["schemas"]["SessionView"];

// Who asks, as the API says: not known before its first answer. A store of its own, since fetch itself reads it.
const listeners = new Set<() => void>();
let session: Session | null = null;
let asking: Promise<void> | null = null;

// What holds where the API cannot be asked: its first 401 tells otherwise.
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

/** A request was answered with 401: the session is over, or there was none. */
export function endSession(): void {
  setSession({ authentication: true, role: null });
}

/** Ask the API who asks; at the start the page's head has done so already. */
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
