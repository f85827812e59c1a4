/** The steps of an experiment, each at its time, counted from the start of the load. */
import { messageOf } from '../../../contracts/common/text.js';
import { sleep } from '../../../client/sleep.js';
import type { ChaosSystem } from '../../kit/system/system.js';
import { resolveTargets } from '../../kit/system/targets.js';
import type { Action } from '../action/action.js';
import { planAction, type PlannedAction } from './plan-action.js';
import type { Experiment, Step } from '../definition/schema.js';

export interface PlannedStep extends Step {
  readonly atMs: number;
}

/** Something that was done to the system. Times count from the start of the load. */
export interface Mark {
  readonly text: string;
  readonly action: Action;
  /** The processes it was done to. */
  readonly targets: readonly string[];
  /** Nothing was left in queue and tables. */
  readonly emptiesStack: boolean;
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
export function isHarmful({ verb }: Action): boolean {
  return verb !== 'start' && verb !== 'resume' && verb !== 'heal';
}

function emptiesStackOf(
  action: Action,
  targets: readonly string[],
  { stackIsVolatile }: Pick<ChaosSystem, 'stackIsVolatile'>,
): boolean {
  if (action.verb === 'restart' && action.empty === true) return true;
  return stackIsVolatile && targets.includes('stack') && endsProcess(action);
}

/** Whether a process it is done to ends, and with it all that the process holds in memory. */
export function endsProcess({ verb }: Action): boolean {
  return verb === 'kill' || verb === 'stop' || verb === 'restart';
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
  /** Resolves when every step has been carried out, though its effect may last. */
  readonly begun: Promise<void>;
  /** Resolves when no step is left and every effect with an end is over. Never rejects: see `problem` of each mark. */
  readonly done: Promise<void>;
}

export function runTimeline(steps: readonly PlannedStep[], options: TimelineOptions): RunningTimeline {
  const marks: Mark[] = [];
  const running = steps.map((step) => {
    const begun = new AbortController();
    const over = runStep(step, options, marks, () => begun.abort()).finally(() => begun.abort());
    return { over, begun: sleep(Infinity, begun.signal) };
  });
  return {
    marks,
    begun: Promise.all(running.map(({ begun }) => begun)).then(() => undefined),
    done: Promise.all(running.map(({ over }) => over)).then(() => undefined),
  };
}

async function runStep(
  { text, action, atMs }: PlannedStep,
  options: TimelineOptions,
  marks: Mark[],
  onBegun: () => void,
): Promise<void> {
  const { system, now, signal, onChange } = options;
  await sleep(atMs - now(), signal);
  if (signal.aborted) return;
  const planned = planAction(action, options);
  const { targets } = planned;
  const emptiesStack = emptiesStackOf(action, targets, system);
  const mark: Mark = { text, action, targets, emptiesStack, atMs: now() };
  marks.push(mark);
  onChange(mark);
  try {
    const undo = await planned.execute();
    mark.doneAtMs = now();
    onBegun();
    await untilOver(mark, planned, undo, options);
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
  { lastsMs = 0 }: PlannedAction,
  undo: (() => Promise<void>) | undefined,
  { now, signal, onChange }: TimelineOptions,
): Promise<void> {
  if (lastsMs === Infinity) return;
  const leftMs = mark.atMs + lastsMs - now();
  if (leftMs > 0) {
    onChange(mark);
    await sleep(leftMs, signal);
    if (signal.aborted) return; // healing undoes it
  }
  await undo?.();
  mark.overAtMs = now();
}
