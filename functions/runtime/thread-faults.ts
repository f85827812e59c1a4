/** Injected faults that are no pretence: they do to the function's thread what a broken function does. */
import type { ThreadFault } from './thread-messages.js';

export function injectThreadFault(fault: ThreadFault): never {
  return fault === 'loop' ? loopForever() : allocateForever();
}

function loopForever(): never {
  for (;;);
}

/** Numbers with fractions, which lie in the heap as they are: 800 kB a step. */
function allocateForever(): never {
  const hoard: number[][] = [];
  for (;;) hoard.push(new Array<number>(100_000).fill(hoard.length + 0.5));
}
