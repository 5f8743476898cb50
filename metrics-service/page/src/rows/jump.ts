/** Frames in which rows that come into view are measured, and move the place that was meant. */
const framesMax = 8;

/** Scrolls to a place at once, and again while rows there are measured. `place` is in px from the top of the page. */
export function jumpTo(place: () => number): void {
  let frames = 0;
  const scroll = () => {
    window.scrollTo({ top: place(), behavior: "instant" });
    frames += 1;
    if (frames < framesMax) requestAnimationFrame(scroll);
  };
  scroll();
}

/**
 * Lets the keys Home and End lead to the ends of the page at once. Browsers scroll there in steps, which measures rows on the way and so
 * ends elsewhere. Returns the function that ends it.
 */
export function jumpByKeys(): () => void {
  const press = (event: KeyboardEvent) => {
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    const isTyping = event.target instanceof Element && event.target.closest("input, select, textarea, pre") !== null;
    if (!isPlain || isTyping || (event.key !== "Home" && event.key !== "End")) return;
    event.preventDefault();
    jumpTo(event.key === "Home" ? () => 0 : () => document.documentElement.scrollHeight);
  };
  window.addEventListener("keydown", press);
  return () => window.removeEventListener("keydown", press);
}
