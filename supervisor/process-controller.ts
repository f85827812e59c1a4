/** Stops, pauses and restarts single children on request. Requests that take time run one after the other for each child. */
import { setTimeout as pause } from 'node:timers/promises';
import type { ProcessAction, ProcessView } from '../contracts/control/control-protocol.js';
import type { SupervisedChild } from './supervised-child.js';

export type RefusalCode = 'unknown' | 'impossible' | 'too_slow' | 'stopping';

/** The request cannot be done; the message is for the person who sent it. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ActionOptions {
  /** Only for `restart`: the process is killed, and its data deleted before it starts again. */
  readonly empty: boolean;
}

export interface ProcessController {
  list(): readonly ProcessView[];
  /** Resolves when it is done, with what the child is then. @throws ControlError */
  act(name: string, action: ProcessAction, options?: ActionOptions): Promise<ProcessView>;
}

/** A model may have to be read from a cold disk. */
const READY_WITHIN_MS = 60_000;

export function createProcessController(
  children: readonly SupervisedChild[],
  stopping: AbortSignal,
  readyWithinMs = READY_WITHIN_MS,
): ProcessController {
  const queues = new Map<SupervisedChild, Promise<void>>();

  function runInOrder(child: SupervisedChild, work: () => Promise<void>): Promise<void> {
    const turn = (queues.get(child) ?? Promise.resolve()).then(work);
    queues.set(
      child,
      turn.catch(() => undefined),
    );
    return turn;
  }

  async function waitUntilReady(child: SupervisedChild): Promise<void> {
    const over = new AbortController();
    const tooSlow = pause(readyWithinMs, undefined, { signal: over.signal }).then(() => {
      const why = child.failure === undefined ? '' : `: ${child.failure}`;
      throw new ControlError('too_slow', `${child.spec.name} is not ready after ${readyWithinMs} ms${why}`);
    });
    const stopped = whenAborted(AbortSignal.any([stopping, over.signal])).then(() => refuseWhileStopping());
    try {
      await Promise.race([child.untilReady(), tooSlow, stopped]);
    } finally {
      over.abort();
      await Promise.allSettled([tooSlow, stopped]);
    }
  }

  function refuseWhileStopping(): void {
    if (stopping.aborted) throw new ControlError('stopping', 'everything is being stopped');
  }

  async function start(child: SupervisedChild): Promise<void> {
    if (child.state === 'paused') throw impossible(child, 'is paused: resume it');
    refuseWhileStopping();
    child.release();
    await waitUntilReady(child);
  }

  async function restart(child: SupervisedChild, { empty }: ActionOptions): Promise<void> {
    const { emptyData } = child.spec;
    if (empty && emptyData === undefined) throw impossible(child, 'keeps no data that could be emptied');
    await child.hold(empty ? 'SIGKILL' : 'SIGTERM');
    if (empty) await emptyData?.();
    await start(child);
  }

  async function act(child: SupervisedChild, action: ProcessAction, options: ActionOptions): Promise<void> {
    switch (action) {
      case 'kill':
        if (child.state === 'stopped') throw impossible(child, 'is stopped, so there is nothing to kill');
        return child.crash();
      case 'pause':
        if (child.pid === undefined)
          throw impossible(child, `is ${child.state}, so there is nothing to pause`);
        child.pause();
        return;
      case 'resume':
        child.resume();
        return;
      case 'stop':
        return runInOrder(child, () => child.hold());
      case 'start':
        return runInOrder(child, () => start(child));
      case 'restart':
        return runInOrder(child, () => restart(child, options));
      default:
        action satisfies never;
    }
  }

  return {
    list: () => children.map(viewOf),
    act: async (name, action, options = { empty: false }) => {
      refuseWhileStopping();
      const child = children.find(({ spec }) => spec.name === name);
      if (child === undefined) throw new ControlError('unknown', `there is no process ${name}`);
      if (options.empty && action !== 'restart') throw impossible(child, 'is emptied by a restart only');
      await act(child, action, options);
      return viewOf(child);
    },
  };
}

function impossible({ spec }: SupervisedChild, why: string): ControlError {
  return new ControlError('impossible', `${spec.name} ${why}`);
}

function viewOf({ spec: { name }, state, pid, url }: SupervisedChild): ProcessView {
  return { name, state, ...(pid !== undefined && { pid }), ...(url !== undefined && { url }) };
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
