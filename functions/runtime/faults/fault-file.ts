/**
 * Keeps live faults over the death of their process: a crash would otherwise end the very plan that it was part of, and
 * a poisonous text would meet a healthy worker after its first victim.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface FaultMemory {
  load(): string | undefined;
  /** At once: the process may end in the next moment. */
  save(text: string): void;
}

export const NO_MEMORY: FaultMemory = { load: () => undefined, save: () => undefined };

export function createFaultFile(path: string): FaultMemory {
  return {
    load: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return undefined; // nothing was set live
      }
    },
    save: (text) => {
      const beside = `${path}.${process.pid}.tmp`;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(beside, text);
      renameSync(beside, path);
    },
  };
}
