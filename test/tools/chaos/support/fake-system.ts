/** A system that only remembers what was done to it. */
import type { ChaosSystem } from '../../../../tools/kit/system/system.js';

export interface FakeSystem extends ChaosSystem {
  /** In order, such as `kill worker-1`. */
  readonly actions: readonly string[];
}

export function fakeSystem(
  fail: (action: string) => Error | undefined = () => undefined,
  { stackIsVolatile = false } = {},
): FakeSystem {
  const actions: string[] = [];
  const did = (action: string): Promise<void> => {
    actions.push(action);
    const error = fail(action);
    return error === undefined ? Promise.resolve() : Promise.reject(error);
  };
  return {
    actions,
    coordinatorUrl: 'http://coordinator',
    stackUrl: 'http://stack',
    stackIsVolatile,
    timeoutFactor: 1,
    workers: ['worker-1', 'worker-2', 'worker-3'].map((id) => ({ id, url: `http://${id}` })),
    processes: () => Promise.resolve([]),
    injected: () => Promise.resolve([]),
    kill: (target) => did(`kill ${target}`),
    stop: (target) => did(`stop ${target}`),
    start: (target) => did(`start ${target}`),
    pause: (target) => did(`pause ${target}`),
    resume: (target) => did(`resume ${target}`),
    restart: (target, options) => did(`restart ${target}${options?.empty === true ? ' empty' : ''}`),
    fault: (worker, faults, { forMs, count } = {}) =>
      did(`fault ${worker} ${faults} ${forMs ?? ''}/${count ?? ''}`),
    network: (fault) => did(`network ${JSON.stringify(fault)}`),
    emptyQueue: () => did('empty queue'),
    heal: () => did('heal').then(() => ['worker-1 resumed']),
  };
}
