import { useSyncExternalStore } from "react";
import { endSession, waitForLogin } from "./session";

// Whether the last request reached the API. While it is unreachable, /api/health is polled.
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
    // Still unreachable.
  }
  if (isLost) window.setTimeout(probe, PAUSE);
}

/**
 * fetch that tracks whether the API is reachable. After a 401 it waits for the login and repeats the request, so that
 * nothing typed is lost.
 */
export async function watchedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  for (;;) {
    const response = await fetchOnce(request.clone());
    // At this address a 401 means a wrong token.
    if (response.status !== 401 || request.url.endsWith("/api/session")) return response;
    endSession();
    await waitForLogin(request.signal);
  }
}

/** Treats a proxy's 502 to 504 as unreachable. */
async function fetchOnce(request: Request): Promise<Response> {
  try {
    const response = await fetch(request);
    const isJson = response.headers.get("content-type")?.includes("json") ?? false;
    set([502, 503, 504].includes(response.status) && !isJson);
    return response;
  } catch (error) {
    // An aborted request says nothing about the connection.
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
