// Fingers on a chart: a swipe up or down scrolls the page, a tap and a finger drawn sideways show values as hovering
// does, two fingers zoom, a double tap shows all. The style sheet's touch-action leaves only scrolling to the browser.

export interface Point {
  clientX: number;
  clientY: number;
}

export interface Gestures {
  /** Show the values at a point. */
  show(at: Point): void;
  hide(): void;
  /** Two fingers touch. Without this handler the browser handles them. */
  beginPinch?(fingers: [Point, Point]): void;
  pinch?(fingers: [Point, Point]): void;
  reset?(): void;
}

// Limits of a tap and of a double tap, in pixels and milliseconds.
const SLOP = 10;
const LONGEST_TAP = 600;
const PAUSE = 350;
const REACH = 40;

/** Handles touches of `host`, hidden from plotly.js. Returns how to stop. */
export function watchTouchGestures(host: HTMLElement, gestures: Gestures): () => void {
  let start: (Point & { time: number }) | null = null;
  let lastTap: (Point & { time: number }) | null = null;
  let isScrubbing = false;
  let isPinching = false;
  let isShown = false;
  const show = (at: Point) => {
    isShown = true;
    gestures.show(at);
  };
  const hide = () => {
    if (isShown) gestures.hide();
    isShown = false;
  };

  const begin = (event: TouchEvent) => {
    event.stopPropagation();
    const fingers = readFingers(event);
    if (fingers !== null && gestures.beginPinch) {
      // Prevents the browser's own zoom and scrolling.
      event.preventDefault();
      isPinching = true;
      start = null;
      hide();
      gestures.beginPinch(fingers);
      return;
    }
    const [touch] = event.touches;
    start =
      event.touches.length === 1 && touch
        ? { clientX: touch.clientX, clientY: touch.clientY, time: event.timeStamp }
        : null;
    isScrubbing = false;
  };
  const move = (event: TouchEvent) => {
    event.stopPropagation();
    const fingers = readFingers(event);
    if (isPinching) {
      event.preventDefault();
      if (fingers !== null) gestures.pinch?.(fingers);
      return;
    }
    const [touch] = event.touches;
    if (start === null || touch === undefined) return;
    const across = Math.abs(touch.clientX - start.clientX);
    const along = Math.abs(touch.clientY - start.clientY);
    if (!isScrubbing && Math.max(across, along) > SLOP) {
      if (along >= across) start = null;
      else isScrubbing = true;
    }
    if (!isScrubbing) return;
    if (event.cancelable) event.preventDefault();
    show(touch);
  };
  const end = (event: TouchEvent) => {
    event.stopPropagation();
    if (event.touches.length === 0) {
      if (isPinching) event.preventDefault();
      isPinching = false;
    }
    const tapped = start;
    start = null;
    if (tapped === null || isScrubbing || event.timeStamp - tapped.time > LONGEST_TAP) return;
    // Suppresses the mouse events after a tap, which plotly.js would handle as a click.
    event.preventDefault();
    const isSecond =
      lastTap !== null &&
      event.timeStamp - lastTap.time < PAUSE &&
      Math.hypot(tapped.clientX - lastTap.clientX, tapped.clientY - lastTap.clientY) < REACH;
    lastTap = isSecond ? null : { ...tapped, time: event.timeStamp };
    if (isSecond) {
      hide();
      gestures.reset?.();
    } else show(tapped);
  };
  const cancel = (event: TouchEvent) => {
    event.stopPropagation();
    start = null;
    isPinching = false;
  };
  // Values shown by a tap stay until a tap elsewhere or a scroll.
  const leave = (event: Event) => {
    if (event.type === "scroll" || !(event.target instanceof Node && host.contains(event.target))) hide();
  };

  const options = { capture: true, passive: false };
  const listeners = [
    ["touchstart", begin],
    ["touchmove", move],
    ["touchend", end],
    ["touchcancel", cancel],
  ] as const;
  for (const [name, listener] of listeners) host.addEventListener(name, listener, options);
  document.addEventListener("pointerdown", leave, true);
  document.addEventListener("scroll", leave, { capture: true, passive: true });
  return () => {
    for (const [name, listener] of listeners) host.removeEventListener(name, listener, options);
    document.removeEventListener("pointerdown", leave, true);
    document.removeEventListener("scroll", leave, true);
  };
}

function readFingers({ touches }: TouchEvent): [Point, Point] | null {
  const [one, other] = touches;
  return touches.length === 2 && one && other ? [one, other] : null;
}
