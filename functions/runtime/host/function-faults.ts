/** Injected faults that are no pretence: they do to the function's process what a broken function does. */
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
 * Buffers first, as much as the heap may take: no garbage collection looks through them, so that they are full in a
 * moment on a busy machine too. Then the heap, whose limit holds where nobody sees what a process takes.
 */
function allocateForever(): never {
  const limitBytes = getHeapStatistics().heap_size_limit;
  const buffers: Buffer[] = [];
  while (buffers.length * CHUNK_BYTES <= limitBytes) buffers.push(Buffer.alloc(CHUNK_BYTES, 1));
  const numbers: number[][] = [];
  // With fractions, which lie in the heap as they are: 800 kB a step.
  for (;;) numbers.push(new Array<number>(100_000).fill(buffers.length + numbers.length + 0.5));
}
