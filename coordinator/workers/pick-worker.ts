/** Which worker gets the next invoke, among those with a free slot. Pure but for the turn that round-robin keeps. */
import type { WorkerSnapshot } from './registry.js';

export type DispatchPolicy = 'least-loaded' | 'round-robin';

/** `avoid`: workers that failed last, taken only when nobody else is free. `except`: never taken. */
export interface Pick {
  readonly free: readonly WorkerSnapshot[];
  readonly avoid: ReadonlySet<string>;
  readonly except: ReadonlySet<string>;
}

export type Picker = (pick: Pick) => WorkerSnapshot | undefined;

export function pickerOf(policy: DispatchPolicy): Picker {
  const choose = policy === 'round-robin' ? roundRobin() : leastLoaded();
  return ({ free, avoid, except }) => {
    const allowed = free.filter((worker) => !except.has(worker.id));
    const preferred = allowed.filter((worker) => !avoid.has(worker.id));
    return choose(preferred.length > 0 ? preferred : allowed);
  };
}

type Choose = (workers: readonly WorkerSnapshot[]) => WorkerSnapshot | undefined;

/** The next after the last one chosen, in the order of their ids. */
function roundRobin(): Choose {
  let last = '';
  return (workers) => {
    const inOrder = workers.toSorted(byId);
    const chosen = inOrder.find((worker) => byId(worker, { id: last }) > 0) ?? inOrder[0];
    last = chosen?.id ?? last;
    return chosen;
  };
}

/** The one with the fewest invokes of ours; of equals, the one that waited longest for its turn. */
function leastLoaded(): Choose {
  const lastTurn = new Map<string, number>();
  let turn = 0;
  return (workers) => {
    const [chosen] = workers.toSorted(
      (a, b) =>
        a.busySlots - b.busySlots || (lastTurn.get(a.id) ?? 0) - (lastTurn.get(b.id) ?? 0) || byId(a, b),
    );
    if (chosen !== undefined) lastTurn.set(chosen.id, ++turn);
    return chosen;
  };
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id.localeCompare(b.id, 'en', { numeric: true });
}
