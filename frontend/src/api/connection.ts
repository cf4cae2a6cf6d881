import { useSyncExternalStore } from "react";

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
    await watchedFetch("/api/health");
  } catch {
    // Still away; watchedFetch has noted it.
  }
  if (isLost) window.setTimeout(probe, PAUSE);
}

/** fetch, which also notes whether Ridgeline was reached. A proxy's 502 to 504 is not Ridgeline. */
export async function watchedFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  try {
    const response = await fetch(input, init);
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
