/**
 * Keeps live faults when their process dies. Otherwise a crash would end the plan that caused it, and the retry of a poison
 * text would meet a healthy worker.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface FaultMemory {
  load(): string | undefined;
  /** Synchronous, because the process may end right after it. */
  save(text: string): void;
}

export const NO_MEMORY: FaultMemory = { load: () => undefined, save: () => undefined };

export function createFaultFile(path: string): FaultMemory {
  return {
    load: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined; // no live faults were set
      }
    },
    save: (text) => {
      const temporary = `${path}.${process.pid}.tmp`;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(temporary, text);
      renameSync(temporary, path);
    },
  };
}
