const WINDOW_MS = 1000;

/**
 * Lets so many lines a second through. What it held back is told, as a count, when the second is over.
 */
export function createLineBudget(linesPerSecond: number, onHeldBack: (count: number) => void): () => boolean {
  let shown = 0;
  let heldBack = 0;
  let windowIsOpen = false;

  function closeWindow(): void {
    if (heldBack > 0) onHeldBack(heldBack);
    shown = 0;
    heldBack = 0;
    windowIsOpen = false;
  }

  return () => {
    if (!windowIsOpen) {
      windowIsOpen = true;
      setTimeout(closeWindow, WINDOW_MS).unref();
    }
    const fits = shown < linesPerSecond;
    if (fits) shown += 1;
    else heldBack += 1;
    return fits;
  };
}
