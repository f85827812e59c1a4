/** Faults of workers, drawn for each invoke. */

/** The function keeps running. */
export const ANSWER_FAULTS = [
  'error',
  'crash',
  'hang',
  'delay',
  'drop',
  'partial',
  'garbage',
  'nonsense',
  'late',
] as const;
/** With the last two the function blocks or uses up its memory, and is replaced. */
export const WORKER_FAULTS = [...ANSWER_FAULTS, 'loop', 'oom'] as const;
export type WorkerFault = (typeof WORKER_FAULTS)[number];

/** Probabilities per invoke. */
export type WorkerFaults = Readonly<Record<WorkerFault, number>>;

export const NO_WORKER_FAULTS = Object.fromEntries(WORKER_FAULTS.map((kind) => [kind, 0])) as WorkerFaults;
