import { MISSING } from "./numbers";
import { isNumber, toFixed } from "./rounding";

/** 0.4 s, 40 s, 2 min 5 s, 1 h 3 min, 2 d 4 h: the two largest units. */
export function formatDuration(seconds: number | null | undefined): string {
  if (!isNumber(seconds)) return MISSING;
  if (seconds < 0.95) return `${toFixed(Math.max(seconds, 0), 1)} s`;
  const whole = Math.round(seconds);
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(" ");
}

/** An estimate, rounded as one would say it: about 40 seconds, about 3 minutes. */
export function describeEstimate(seconds: number): string {
  if (seconds < 1.5) return "about a second";
  if (seconds < 10) return `about ${Math.round(seconds)} seconds`;
  if (seconds < 90) return `about ${5 * Math.round(seconds / 5)} seconds`;
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} minutes`;
  if (seconds < 36 * 3600) return `about ${Math.round(seconds / 3600)} hours`;
  return `about ${Math.round(seconds / 86_400)} days`;
}

/** A moment relative to now: just now, 5 min ago, 14:32, yesterday 14:32, 3 Mar 14:32, 3 Mar 2026. */
export function formatMoment(moment: string | Date, now = new Date()): string {
  const date = new Date(moment);
  const seconds = (now.getTime() - date.getTime()) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  if (sameDay(date, now)) return time;
  if (sameDay(date, new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)))
    return `yesterday ${time}`;
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return date.getFullYear() === now.getFullYear() ? `${day} ${time}` : `${day} ${date.getFullYear()}`;
}

/** Date and time in the reader's time zone, with its name. */
export function formatMomentInFull(moment: string | Date): string {
  return new Date(moment).toLocaleString("en-GB", { dateStyle: "full", timeStyle: "long" });
}

/** `14:03:27`, in the reader's time zone; `moment` in ms since 1970. */
export function formatTime(moment: number): string {
  return new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    moment,
  );
}

function sameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}
