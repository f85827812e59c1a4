/** One run of a child: a process in a group of its own, with an IPC channel whose end tells it to stop. */
import { spawn } from 'node:child_process';
import { readProcessMessage, type ProcessMessage } from '../infra/process/process-messages.js';
import type { Environment } from '../contracts/settings/settings.js';
import { guardFrozenGroup } from './thaw-guard.js';
import { splitLines } from '../contracts/common/split-lines.js';

export interface ChildCommand {
  readonly script: string;
  readonly label: string;
  readonly environment: Environment;
}

export interface ChildListener {
  readonly onMessage: (message: ProcessMessage) => void;
  readonly onLine: (line: string) => void;
  /** Its last message and line have been handed on by then. */
  readonly onEnd: (end: ChildEnd) => void;
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ChildRun {
  /** Absent where it could not even be spawned. */
  readonly pid: number | undefined;
  readonly isPaused: boolean;
  /** To the whole group; nothing happens where it is gone. A paused one ends as well. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): void;
  /** Freezes the whole group. */
  pause(): void;
  resume(): void;
}

/** Requests are short-lived objects: with room for them to die young, a fifth of a busy coordinator's CPU is saved. */
const NODE_FLAGS = ['--enable-source-maps', '--max-semi-space-size=32'];

/** A process that has ended is over even if somebody still holds its pipes. */
const LAST_WORDS_WITHIN_MS = 1000;

export function runChild({ script, label, environment }: ChildCommand, listener: ChildListener): ChildRun {
  const child = spawn(process.execPath, [...NODE_FLAGS, script, label], {
    detached: true, // a group of its own: Ctrl-C reaches the supervisor alone, which stops all in order
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...environment },
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) splitLines(stream, listener.onLine);
  }
  child.on('message', (value) => {
    const message = readProcessMessage(value);
    if (message !== undefined) listener.onMessage(message);
  });
  const freezer = createFreezer(child.pid);
  const end = callOnce((how: ChildEnd) => {
    freezer.forget();
    listener.onEnd(how);
  });
  child.on('error', (error) => {
    listener.onLine(String(error));
    if (child.pid === undefined) end({ code: null, signal: null });
  });
  child.on('close', (code, signal) => end({ code, signal }));
  child.on('exit', (code, signal) => {
    setTimeout(() => end({ code, signal }), LAST_WORDS_WITHIN_MS);
  });
  return {
    pid: child.pid,
    get isPaused() {
      return freezer.isFrozen();
    },
    signal: (signal) => {
      signalGroup(child.pid, signal);
      freezer.thaw(); // SIGTERM waits until then
    },
    pause: freezer.freeze,
    resume: freezer.thaw,
  };
}

function createFreezer(leader: number | undefined) {
  let endGuard: (() => void) | undefined;
  const forget = (): void => {
    endGuard?.();
    endGuard = undefined;
  };
  return {
    isFrozen: () => endGuard !== undefined,
    freeze: () => {
      if (leader === undefined || endGuard !== undefined) return;
      endGuard = guardFrozenGroup(leader);
      signalGroup(leader, 'SIGSTOP');
    },
    thaw: () => {
      if (endGuard === undefined) return;
      signalGroup(leader, 'SIGCONT');
      forget();
    },
    forget,
  };
}

function signalGroup(leader: number | undefined, signal: NodeJS.Signals): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
    if (!isGone) throw error;
  }
}

function callOnce<T>(call: (value: T) => void): (value: T) => void {
  let wasCalled = false;
  return (value) => {
    if (!wasCalled) call(value);
    wasCalled = true;
  };
}
