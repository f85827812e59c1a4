/** Real faults: they do to the function's process what a broken function does. */
import { Buffer } from 'node:buffer';
import { getHeapStatistics } from 'node:v8';
import type { FunctionFault } from './function-messages.js';

export function injectFunctionFault(fault: FunctionFault): never {
  return fault === 'loop' ? loopForever() : allocateForever();
}

function loopForever(): never {
  for (;;);
}

const CHUNK_BYTES = 32 * 1024 * 1024;

/**
 * Allocates buffers first, as much as the limit of the heap: garbage collection does not scan them, so this is fast on a busy
 * machine, too. Then it fills the heap, whose limit applies even where the memory of a process cannot be read.
 */
function allocateForever(): never {
  const limitBytes = getHeapStatistics().heap_size_limit;
  const buffers: Buffer[] = [];
  while (buffers.length * CHUNK_BYTES <= limitBytes) buffers.push(Buffer.alloc(CHUNK_BYTES, 1));
  const numbers: number[][] = [];
  // Fractions are stored in the array itself: 800 kB per step.
  for (;;) numbers.push(new Array<number>(100_000).fill(buffers.length + numbers.length + 0.5));
}
