import { useSyncExternalStore } from "react";
import { endSession, waitForLogin } from "./session";

// Whether the last request reached Ridgeline. While it does not, /api/health is asked until it does again.
const listeners = new Set<() => void>();
let isLost = false;
const PAUSE = 2000;

function set(value: boolean): void {
  if (isLost === value) return;
  isLost = value;
  for (const listener of listeners) listener();
  if (value) window.setTimeout(probe, PAUSE);
}

async function probe(): Promise<void> {
  try {
    await fetchOnce(new Request("/api/health"));
  } catch {
    // Still away; fetchOnce has noted it.
  }
  if (isLost) window.setTimeout(probe, PAUSE);
}

/**
 * fetch, which also notes whether Ridgeline was reached, and which waits where nobody is logged in: the request is sent
 * anew after the login, so that nothing that was typed or asked for is lost.
 */
export async function watchedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  for (;;) {
    const response = await fetchOnce(request.clone());
    // Logging in is answered with 401 where the token is wrong.
    if (response.status !== 401 || request.url.endsWith("/api/session")) return response;
    endSession();
    await waitForLogin(request.signal);
  }
}

/** A proxy's 502 to 504 is not Ridgeline. */
async function fetchOnce(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    set([502, 503, 504].includes(response.status) && !isJson);
    return response;
  } catch (error) {
    // A request that the page itself gave up says nothing about the connection.
    if (!(error instanceof DOMException && error.name === "AbortError")) set(true);
    throw error;
  }
}

export function subscribeConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function isConnectionLost(): boolean {
  return isLost;
}

export function useConnectionLost(): boolean {
  return useSyncExternalStore(subscribeConnection, isConnectionLost);
}
