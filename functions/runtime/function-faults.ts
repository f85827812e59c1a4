/** Injected faults that are no pretence: they do to the function's process what a broken function does. */
import type { FunctionFault } from './function-messages.js';

export function injectFunctionFault(fault: FunctionFault): never {
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
