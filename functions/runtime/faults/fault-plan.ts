/** Decides which fault of a plan an invoke meets. */
import {
  CHANCE_KINDS,
  WORD_KINDS,
  wordField,
  type ChanceKind,
  type FaultPlan,
  type WordKind,
} from '../../../contracts/worker/faults.js';
import type { InvokeRequest } from '../../../contracts/worker/invoke.js';
import { taskIndexOf, type FaultDraw } from './fault-draw.js';

type PlainKind = Exclude<ChanceKind | WordKind, 'partial' | 'late'>;

export type DrawnFault =
  | { readonly [Kind in PlainKind]: { readonly kind: Kind } }[PlainKind]
  | { readonly kind: 'partial'; readonly failingTaskIds: ReadonlySet<string> }
  /** Counted from the invoke's arrival. */
  | { readonly kind: 'late'; readonly lateMs: number };

export interface FaultDecision {
  /** 0 for none. */
  readonly delayMs: number;
  readonly fault?: DrawnFault;
}

export function decideFault(
  plan: FaultPlan,
  draw: FaultDraw,
  invoke: InvokeRequest,
  defaultLateMs: number,
): FaultDecision {
  const delayMs = drawDelay(plan, draw, invoke);
  const kind = wordIn(plan, invoke) ?? drawKind(plan, draw, invoke);
  if (kind === undefined) return { delayMs };
  if (kind === 'hang') return { delayMs: 0, fault: { kind } }; // there is no answer to delay
  if (kind === 'late') return { delayMs, fault: { kind, lateMs: plan.lateMs ?? defaultLateMs } };
  if (kind === 'partial') return { delayMs, fault: { kind, failingTaskIds: drawFailing(draw, invoke) } };
  return { delayMs, fault: { kind } };
}

/**
 * A plan under which every invoke meets a fault. Its kinds keep the ratio of their probabilities.
 */
export function makeCertain(plan: FaultPlan): FaultPlan {
  const sum = Object.values(plan.chances).reduce((total, chance) => total + chance, 0);
  if (sum === 0) return plan;
  const chances = CHANCE_KINDS.flatMap((kind) => {
    const chance = plan.chances[kind];
    return chance === undefined ? [] : [[kind, chance / sum] as const];
  });
  const [lastKind = 'error'] = chances.at(-1) ?? [];
  const others = chances.slice(0, -1);
  const rest = 1 - others.reduce((total, [, chance]) => total + chance, 0); // includes the rounding error
  return { ...plan, chances: Object.fromEntries([...others, [lastKind, rest]]) };
}

/** Whether an invoke counts for a plan that is limited to a number of invokes. */
export function appliesTo(plan: FaultPlan, invoke: InvokeRequest): boolean {
  const waitsForWord =
    WORD_KINDS.some((kind) => plan[wordField(kind)] !== undefined) &&
    plan.delay === undefined &&
    Object.keys(plan.chances).length === 0;
  return !waitsForWord || wordIn(plan, invoke) !== undefined;
}

/** The kind whose word occurs in one of the texts. */
function wordIn(plan: FaultPlan, { tasks }: InvokeRequest): WordKind | undefined {
  return WORD_KINDS.find((kind) => {
    const word = plan[wordField(kind)];
    return word !== undefined && tasks.some(({ text }) => text.includes(word));
  });
}

/**
 * At most one kind, each with exactly its probability: a later kind is drawn among the invokes that no earlier kind took.
 */
function drawKind({ chances }: FaultPlan, draw: FaultDraw, invoke: InvokeRequest): ChanceKind | undefined {
  let leftOver = 1;
  return CHANCE_KINDS.find((kind) => {
    const chance = chances[kind] ?? 0;
    const isHit = chance > 0 && draw(kind, invoke, firstTaskIndex(invoke)) < chance / leftOver;
    leftOver -= chance;
    return isHit;
  });
}

function drawDelay({ delay }: FaultPlan, draw: FaultDraw, invoke: InvokeRequest): number {
  if (delay === undefined) return 0;
  const offset = 2 * draw('delay', invoke, firstTaskIndex(invoke)) - 1;
  return Math.max(0, delay.meanMs + offset * delay.spreadMs);
}

/** Half of the tasks, at least one. */
function drawFailing(draw: FaultDraw, invoke: InvokeRequest): ReadonlySet<string> {
  const drawn = invoke.tasks
    .map(({ taskId }) => ({ taskId, value: draw('partial:task', invoke, taskIndexOf(taskId)) }))
    .toSorted((a, b) => a.value - b.value);
  const count = Math.max(1, Math.floor(drawn.length / 2));
  return new Set(drawn.slice(0, count).map(({ taskId }) => taskId));
}

function firstTaskIndex({ tasks }: InvokeRequest): string {
  return taskIndexOf(tasks[0]?.taskId ?? '');
}
