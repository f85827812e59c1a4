/**
 * A process by more than its number: the system gives the number of a dead process to another one, so a note that names
 * a number alone may name a stranger.
 */
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** The boot and the clock tick that the process started in; absent where the system cannot tell. */
  readonly started?: string | undefined;
}

export function ownIdentity(): ProcessIdentity {
  return identityOf(process.pid) ?? { pid: process.pid };
}

/** Nothing where the process is gone, or where there is no `/proc` to ask. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name of the program stands in parentheses and may hold anything, parentheses too.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [state, startTick] = [fields[0], fields[19]];
    const hasEnded = state === 'Z' || state === 'X';
    return hasEnded || startTick === undefined ? undefined : { pid, started: `${bootId}:${startTick}` };
  } catch {
    return undefined;
  }
}

/** Whether that very process runs. Where the system cannot tell when it started, whether one of its number does. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  const own = ownIdentity();
  if (started === undefined || own.started === undefined) return isAlive(pid);
  return identityOf(pid)?.started === started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
