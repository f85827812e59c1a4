import type { ProcessView } from '../../../../contracts/control/control-protocol.js';
import type { ChaosSystem, InjectedView } from '../../../../tools/kit/system/system.js';

export interface FakeChaosSystem extends ChaosSystem {
  /** The calls to it, in order. */
  readonly requested: readonly (readonly unknown[])[];
  state: Readonly<Record<string, ProcessView['state']>>;
  injections: readonly InjectedView[];
}

/** Two workers, a coordinator and a stack that do what they are told, at once. */
export function fakeChaosSystem(): FakeChaosSystem {
  const requested: (readonly unknown[])[] = [];
  const note =
    (verb: string) =>
    (...given: readonly unknown[]): Promise<void> => {
      requested.push([verb, ...given]);
      return Promise.resolve();
    };
  const fake: FakeChaosSystem = {
    requested,
    state: { stack: 'running', coordinator: 'running', 'worker-1': 'running', 'worker-2': 'running' },
    injections: [],
    coordinatorUrl: 'http://127.0.0.1:8080',
    stackUrl: 'http://127.0.0.1:4566',
    stackIsVolatile: false,
    timeoutFactor: 1,
    workers: ['worker-1', 'worker-2'].map((id) => ({ id, url: `http://127.0.0.1/${id}` })),
    processes: () => Promise.resolve(Object.entries(fake.state).map(([name, state]) => ({ name, state }))),
    injected: () => Promise.resolve(fake.injections),
    kill: note('kill'),
    stop: note('stop'),
    start: (target) => {
      fake.state = { ...fake.state, [target]: 'running' };
      return note('start')(target);
    },
    pause: note('pause'),
    resume: (target) => {
      fake.state = { ...fake.state, [target]: 'running' };
      return note('resume')(target);
    },
    restart: note('restart'),
    fault: note('fault'),
    network: note('network'),
    emptyQueue: note('emptyQueue'),
    heal: () => Promise.resolve(['worker-1: started']),
  };
  return fake;
}
