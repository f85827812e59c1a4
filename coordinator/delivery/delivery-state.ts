/**
 * The state of one delivery and of its invokes, and the moves from one state to the next. A move that the state does
 * not allow throws.
 *
 *     delivery   running ─┬─ finish ──> ending ── commitEnd ──> ended
 *                         └─ release ─────^
 *
 *     invoke     running ─┬─ endInvoke ───────────────────────────> ended
 *                         ├─ leaveUntried ────────────────────────────^
 *                         ├─ timeOutInvoke ─> overdue ─┬─ endInvoke ──^
 *                         └─ release ───────> released ┴─ endSilently ^
 *
 * An answer that comes after the delivery's end is still committed: it changes what is stored of the delivery, and does
 * not end the delivery once more.
 */
import type {
  DeliveryOutcome,
  DeliveryRecord,
  EndedInvoke,
  EndingDelivery,
  InvokeRecord,
  RunningDelivery,
  RunningInvoke,
} from '../../contracts/batch/batch.js';
import type { MessageReturn } from '../../contracts/batch/delivery-cause.js';
import { invariant } from '../../contracts/common/invariant.js';
import type { InvokeResult } from './invoke-result.js';
import type { UncommittedOutcome } from '../batch/commit-delivery.js';

export type InvokeState =
  | { readonly tag: 'running'; readonly record: RunningInvoke }
  /** Overdue: its time is up. Released: its delivery was released. An answer is awaited in both. */
  | { readonly tag: 'overdue' | 'released' | 'ended'; readonly record: EndedInvoke };

interface AnyDelivery {
  /** Everything that is known of it from its start on. */
  readonly start: Omit<RunningDelivery, 'invokes'>;
  readonly invokes: readonly InvokeState[];
  /** Outcomes that the store does not hold yet, at most one of each invoke. */
  readonly uncommitted: readonly UncommittedOutcome[];
}

export interface RunningDeliveryState extends AnyDelivery {
  readonly tag: 'running';
}

interface AnyEnd extends AnyDelivery {
  readonly by: 'finish' | 'release';
  readonly endedAtMs: number;
  readonly returnedBy: MessageReturn;
}

/** Its end is not in the store yet. */
export interface EndingDeliveryState extends AnyEnd {
  readonly tag: 'ending';
}

export interface EndedDeliveryState extends AnyEnd {
  readonly tag: 'ended';
  readonly outcome: DeliveryOutcome;
}

export type DeliveryState = RunningDeliveryState | EndingDeliveryState | EndedDeliveryState;

export function started(start: RunningDelivery): RunningDeliveryState {
  invariant(start.invokes.length === 0, 'a delivery cannot start with invokes');
  return { tag: 'running', start, invokes: [], uncommitted: [] };
}

/** As it is entered in its batch. */
export function recordOf(state: RunningDeliveryState): RunningDelivery;
export function recordOf(state: DeliveryState): RunningDelivery | EndingDelivery;
export function recordOf(state: DeliveryState): RunningDelivery | EndingDelivery {
  const record = { ...state.start, invokes: state.invokes.map((invoke): InvokeRecord => invoke.record) };
  if (state.tag === 'running') return record;
  const { endedAtMs, returnedBy } = state;
  return { ...record, endedAtMs, returnedBy };
}

/** @returns the state, and the place of the invoke in it, which it keeps for good */
export function startInvoke(
  state: DeliveryState,
  record: RunningInvoke,
): readonly [DeliveryState, index: number] {
  const running = requireRunning(state, 'start an invoke');
  return [{ ...running, invokes: [...running.invokes, { tag: 'running', record }] }, running.invokes.length];
}

/** Its worker refused the connection: another one is tried in its place. */
export function restartInvoke(state: DeliveryState, index: number, record: RunningInvoke): DeliveryState {
  const running = requireRunning(state, 'restart an invoke');
  requireInvoke(running, index, 'be restarted', 'running');
  return withInvoke(running, index, { tag: 'running', record });
}

/** No worker took it. */
export function leaveUntried(state: DeliveryState, index: number, nowMs: number): DeliveryState {
  const invoke = requireInvoke(state, index, 'be left untried', 'running', 'released');
  const record = invoke.tag === 'running' ? untried(invoke.record, nowMs) : invoke.record;
  return withInvoke(state, index, { tag: 'ended', record });
}

/** An answer, or a failure, whether in time or late. */
export function endInvoke(state: DeliveryState, index: number, result: InvokeResult): DeliveryState {
  requireInvoke(state, index, 'end', 'running', 'overdue', 'released');
  return withOutcome(withInvoke(state, index, { tag: 'ended', record: result.record }), index, result);
}

/** It failed for now. One that was released counts as not tried to the end, and stays so. */
export function timeOutInvoke(state: DeliveryState, index: number, result: InvokeResult): DeliveryState {
  const invoke = requireInvoke(state, index, 'time out', 'running', 'released');
  if (invoke.tag === 'released') return state;
  return withOutcome(withInvoke(state, index, { tag: 'overdue', record: result.record }), index, result);
}

/** No answer came after all. */
export function endSilently(state: DeliveryState, index: number): DeliveryState {
  const { record } = requireInvoke(state, index, 'end without an answer', 'overdue', 'released');
  return withInvoke(state, index, { tag: 'ended', record });
}

/** Everything was tried that could be. */
export function finish(state: DeliveryState, nowMs: number, returnedBy: MessageReturn): DeliveryState {
  const running = requireRunning(state, 'finish');
  const isTrying = running.invokes.some(({ tag }) => tag === 'running');
  invariant(!isTrying, 'a delivery cannot finish: an invoke of it is running');
  return { ...running, tag: 'ending', by: 'finish', endedAtMs: nowMs, returnedBy };
}

/** It is given back before its end: not tried to the end, but not lost either. */
export function release(state: DeliveryState, nowMs: number): DeliveryState {
  const running = requireRunning(state, 'be released');
  const invokes = running.invokes.map((invoke): InvokeState =>
    invoke.tag === 'running' ? { tag: 'released', record: untried(invoke.record, nowMs) } : invoke,
  );
  return { ...running, invokes, tag: 'ending', by: 'release', endedAtMs: nowMs, returnedBy: 'backoff' };
}

/** Its message comes back by its timeout after all. */
export function returnByTimeout(state: DeliveryState): DeliveryState {
  invariant(state.tag !== 'running', () => refusal(state, 'return its message'));
  return { ...state, returnedBy: 'visibility_timeout' };
}

/**
 * Takes over key, number and outcomes that were written; what changed here since stays as it is here.
 * @param before as it was when the commit began
 * @param written as the commit entered it; `undefined` where its batch is gone
 */
export function adoptCommit(
  state: DeliveryState,
  before: DeliveryState,
  written: DeliveryRecord | undefined,
): DeliveryState {
  const uncommitted = state.uncommitted.filter((outcome) => !before.uncommitted.includes(outcome));
  if (written === undefined) return { ...state, uncommitted };
  const { number, duplicate, outcome } = written;
  const start = { ...state.start, number, ...(duplicate === undefined ? {} : { duplicate }) };
  const invokes = state.invokes.map((invoke, index): InvokeState => {
    const isUnchanged = invoke.record === before.invokes[index]?.record;
    const record = written.invokes[index];
    if (!isUnchanged || invoke.tag === 'running' || record?.endedAtMs === undefined) return invoke;
    return { ...invoke, record };
  });
  const adopted = { ...state, start, invokes, uncommitted };
  return adopted.tag === 'ended' && outcome !== undefined ? { ...adopted, outcome } : adopted;
}

/** Its end is stored, or its batch is gone: from here on it counts as ended. */
export function commitEnd(state: DeliveryState, outcome: DeliveryOutcome): EndedDeliveryState {
  invariant(state.tag === 'ending', () => refusal(state, 'commit its end'));
  return { ...state, tag: 'ended', outcome };
}

function withInvoke<State extends DeliveryState>(state: State, index: number, invoke: InvokeState): State {
  return { ...state, invokes: state.invokes.with(index, invoke) };
}

/** A later outcome of an invoke takes the place of one that is not committed yet: it would be counted twice. */
function withOutcome(state: DeliveryState, index: number, { outcome }: InvokeResult): DeliveryState {
  const others = state.uncommitted.filter((uncommitted) => uncommitted.index !== index);
  return { ...state, uncommitted: [...others, { index, ...outcome }] };
}

function untried(record: RunningInvoke, nowMs: number): EndedInvoke {
  const { workerId, taskIndexes, startedAtMs } = record;
  return { workerId, taskIndexes, startedAtMs, endedAtMs: nowMs, outcome: 'released' };
}

function requireRunning(state: DeliveryState, move: string): RunningDeliveryState {
  invariant(state.tag === 'running', () => refusal(state, move));
  return state;
}

function requireInvoke<Tag extends InvokeState['tag']>(
  { invokes }: DeliveryState,
  index: number,
  move: string,
  ...allowed: readonly Tag[]
): Extract<InvokeState, { readonly tag: Tag }> | (InvokeState & { readonly tag: Tag }) {
  const invoke = invokes[index];
  invariant(invoke !== undefined, () => `invoke ${index} cannot ${move}: there is none`);
  invariant(isIn(invoke, allowed), () => `invoke ${index}, which is ${invoke.tag}, cannot ${move}`);
  return invoke;
}

function isIn<Tag extends InvokeState['tag']>(
  invoke: InvokeState,
  allowed: readonly Tag[],
): invoke is InvokeState & { readonly tag: Tag } {
  return allowed.some((tag) => tag === invoke.tag);
}

function refusal({ tag, start }: DeliveryState, move: string): string {
  return `delivery ${start.number}, which is ${tag}, cannot ${move}`;
}
