/** The steps of an experiment, each at its time, counted from the start of the load. */
import { messageOf } from '../../../contracts/text.js';
import { waitMs } from '../../load/wait.js';
import type { ChaosSystem } from '../system.js';
import { resolveTargets } from '../targets.js';
import type { Action } from './action.js';
import { carryOut, type Deed } from './carry-out.js';
import { keepFaults } from './keep-faults.js';
import type { Experiment, Step } from './schema.js';

export interface PlannedStep extends Step {
  readonly atMs: number;
}

/** Something that was done to the system. Times count from the start of the load. */
export interface Mark {
  readonly text: string;
  readonly action: Action;
  /** The processes it was done to. */
  readonly targets: readonly string[];
  readonly atMs: number;
  /** When it was done, such as a restart that waits until the process is ready. */
  doneAtMs?: number;
  /** When its effect ended; absent while it lasts. */
  overAtMs?: number;
  /** Why it could not be done. */
  problem?: string;
}

/**
 * Every step with its repetitions, in the order of time.
 * @throws ChaosError where a step is about a process that this system has not
 */
export function planSteps(
  timeline: Experiment['timeline'],
  system: Pick<ChaosSystem, 'workers'>,
): readonly PlannedStep[] {
  for (const { do: step } of timeline) {
    if ('target' in step.action) resolveTargets(system, step.action.target, { next: () => 0 });
  }
  return timeline
    .flatMap(({ at, every = 0, times = 1, do: { text, action } }) =>
      Array.from({ length: times }, (_, turn) => ({ text, action, atMs: at + turn * every })),
    )
    .toSorted((a, b) => a.atMs - b.atMs);
}

/** Whether it harms: what recovery is counted from. */
export function isFault({ verb }: Action): boolean {
  return verb !== 'start' && verb !== 'resume' && verb !== 'heal';
}

export interface TimelineOptions {
  readonly system: ChaosSystem;
  readonly random: { next(): number };
  /** Milliseconds since the start of the load. */
  readonly now: () => number;
  /** Ends all waiting; steps that have begun are seen through. */
  readonly signal: AbortSignal;
  readonly onChange: (mark: Mark) => void;
}

export interface RunningTimeline {
  readonly marks: readonly Mark[];
  /** Resolves when no step is left and every effect with an end is over. Never rejects: see `problem` of each mark. */
  readonly done: Promise<void>;
  /** After the signal: resolves when nothing more will be done to the system from here. */
  quiet(): Promise<void>;
}

export function runTimeline(steps: readonly PlannedStep[], options: TimelineOptions): RunningTimeline {
  const run: Run = { ...options, marks: [], keepers: new Map() };
  const done = Promise.all(steps.map((step) => runStep(step, run))).then(() => undefined);
  return {
    marks: run.marks,
    done,
    quiet: async () => {
      await done;
      await Promise.all([...run.keepers.values()].map(({ kept }) => kept));
    },
  };
}

interface Run extends TimelineOptions {
  readonly marks: Mark[];
  /** By worker: who sees to it that its faults stay in force. */
  readonly keepers: Map<string, { readonly stop: AbortController; readonly kept: Promise<void> }>;
}

async function runStep({ text, action, atMs }: PlannedStep, run: Run): Promise<void> {
  const { now, signal, onChange, marks } = run;
  await waitMs(atMs - now(), signal);
  if (signal.aborted) return;
  const deed = carryOut(action, run);
  const mark: Mark = { text, action, targets: deed.targets, atMs: now() };
  marks.push(mark);
  onChange(mark);
  try {
    if (action.verb === 'heal') stopKeeping([...run.keepers.keys()], run);
    const undo = await deed.run();
    mark.doneAtMs = now();
    await untilOver(mark, deed, undo, run);
    if (action.verb === 'heal') for (const other of marks) other.overAtMs ??= now();
  } catch (error) {
    mark.problem = messageOf(error);
    mark.overAtMs = now();
  }
  onChange(mark);
}

/** An effect without an end of its own lasts until the system is healed. */
async function untilOver(
  mark: Mark,
  { lastsMs = 0, faults, targets }: Deed,
  undo: (() => Promise<void>) | undefined,
  run: Run,
): Promise<void> {
  const { now, signal, onChange } = run;
  const leftMs = mark.atMs + lastsMs - now();
  if (faults !== undefined) keep(targets, faults, leftMs, run);
  if (lastsMs === Infinity) return;
  if (leftMs > 0) {
    onChange(mark);
    await waitMs(leftMs, signal);
    if (signal.aborted) return; // healing undoes it
  }
  await undo?.();
  mark.overAtMs = now();
}

/** The latest plan of a worker counts. */
function keep(workers: readonly string[], faults: string, forMs: number, run: Run): void {
  stopKeeping(workers, run);
  for (const worker of workers) {
    const stop = new AbortController();
    const signal = AbortSignal.any([run.signal, stop.signal]);
    run.keepers.set(worker, { stop, kept: keepFaults(run.system, worker, faults, forMs, signal) });
  }
}

function stopKeeping(workers: readonly string[], { keepers }: Run): void {
  for (const worker of workers) keepers.get(worker)?.stop.abort();
}
