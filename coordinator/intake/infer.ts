/** A request for inference, from admission to accepted tasks. */
import type { InferRequest } from '../../contracts/http/api.js';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { parseTaskId, type TaskId } from '../../contracts/batch/ids.js';
import type { BatchInput } from '../../contracts/batch/message.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { KeyStore } from '../../contracts/stack/stores.js';
import type { Logger } from '../../contracts/system/logger.js';
import { asciiJsonBytes, messageOf } from '../../contracts/common/text.js';
import type { StackResetDetector } from '../recovery/stack-reset-detector.js';
import { cancel } from '../tasks/cancel-task.js';
import type { BatchTimeouts, RewritePorts } from '../ledger/rewrite-batch.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';
import type { DrainRate } from '../stats/drain-rate.js';
import { refusalOf, type Load, type Refusal } from './admission.js';
import { acceptOnce, requestHash } from './idempotency.js';
import type { Intake } from './intake.js';

export interface InferPorts extends RewritePorts {
  readonly clock: Clock;
  readonly keys: KeyStore;
  readonly stackResets: Pick<StackResetDetector, 'mayBeRestored'>;
  readonly intake: Intake;
  readonly drain: DrainRate;
  readonly stats: StatsRecorder;
  readonly logger: Logger;
}

export interface InferOptions {
  readonly timeouts: BatchTimeouts;
  readonly maxOutstandingTasks: number;
  readonly maxOutstandingBytes: number;
  readonly keyRetentionMs: number;
}

export interface IncomingRequest {
  readonly request: InferRequest;
  readonly requestId: string;
  readonly idempotencyKey: string | undefined;
}

/**
 * Accepts the texts of a request, or finds the tasks that its key stands for.
 * @returns the tasks' ids in the order asked
 * @throws BoomerangError `overloaded`, `idempotency_conflict`, `stack_unavailable`
 */
export async function acceptRequest(
  ports: InferPorts,
  options: InferOptions,
  requested: IncomingRequest,
): Promise<readonly TaskId[]> {
  const request = wellFormed(requested.request);
  const key = requested.idempotencyKey;
  return acceptInputs(ports, options, {
    inputsAt: (nowMs) => inputsOf(request, requested.requestId, nowMs),
    once:
      key === undefined
        ? undefined
        : { key, requestHash: requestHash(request), retentionMs: options.keyRetentionMs },
  });
}

export interface InputsToAccept {
  /** Makes the inputs when they are admitted. */
  readonly inputsAt: (nowMs: number) => readonly BatchInput[];
  /** The key under which it is taken in once. */
  readonly once?:
    { readonly key: string; readonly requestHash: string; readonly retentionMs: number } | undefined;
}

/** The intake that everything goes through: admission, then store and send, under a key where there is one. */
export async function acceptInputs(
  ports: InferPorts,
  options: InferOptions,
  { inputsAt, once }: InputsToAccept,
): Promise<readonly TaskId[]> {
  const accept = () => {
    const inputs = inputsAt(ports.clock.now()).map((input) => (once ? { ...input, key: once.key } : input));
    admitOrCount(ports, options, loadOf(inputs));
    return storeAndCount(ports, inputs);
  };
  if (once === undefined) return accept();
  return acceptOnce(ports, once.key, once.requestHash, once.retentionMs, accept, (taskIds) => {
    void abandon(ports, options.timeouts, taskIds);
  });
}

async function storeAndCount(
  { intake, stats }: InferPorts,
  inputs: readonly BatchInput[],
): Promise<readonly TaskId[]> {
  const taskIds = await intake.accept(inputs);
  stats.count('accepted', taskIds.length);
  return taskIds;
}

/** @throws BoomerangError `overloaded` */
function admitOrCount(ports: InferPorts, options: InferOptions, requested: Load): void {
  const refusal = refusalNow(ports, options, requested);
  if (refusal !== undefined) throw new BoomerangError(refusal.code, refusal.message, refusal.details);
}

/** Before a body is read: whatever it holds, there is no room for it. */
export function refusalOfAny(ports: InferPorts, options: InferOptions): Refusal | undefined {
  return refusalNow(ports, options, { tasks: 1, bytes: 1 });
}

function refusalNow(ports: InferPorts, options: InferOptions, requested: Load): Refusal | undefined {
  const { ledger, intake, drain, stats } = ports;
  const outstanding = {
    tasks: ledger.outstandingTasks + intake.pendingTasks,
    bytes: ledger.outstandingBytes + intake.pendingBytes,
  };
  const bound = { tasks: options.maxOutstandingTasks, bytes: options.maxOutstandingBytes };
  const refusal = refusalOf(requested, outstanding, bound, drain.tasksPerSecond());
  if (refusal !== undefined) stats.count('rejected', requested.tasks);
  return refusal;
}

function loadOf(inputs: readonly BatchInput[]): Load {
  return { tasks: inputs.length, bytes: inputs.reduce((sum, { text }) => sum + asciiJsonBytes(text), 0) };
}

/** A lone surrogate becomes U+FFFD: it has no UTF-8 form, and the model could not tell it anyway. */
function wellFormed(request: InferRequest): InferRequest {
  return {
    ...request,
    ...(request.text === undefined ? {} : { text: request.text.toWellFormed() }),
    ...(request.texts === undefined ? {} : { texts: request.texts.map((text) => text.toWellFormed()) }),
  };
}

function inputsOf({ text, texts, deadlineMs }: InferRequest, requestId: string, nowMs: number): BatchInput[] {
  const deadline = deadlineMs === undefined ? {} : { deadlineAtMs: nowMs + deadlineMs };
  const acceptedAtMs = Math.round(nowMs * 10) / 10;
  return (texts ?? [text ?? '']).map((each) => ({ text: each, requestId, acceptedAtMs, ...deadline }));
}

/** Cancels what lost the race for its key; what is running by now runs for nobody. */
async function abandon(
  ports: InferPorts,
  timeouts: BatchTimeouts,
  taskIds: readonly TaskId[],
): Promise<void> {
  for (const taskId of taskIds) {
    const parsed = parseTaskId(taskId);
    const batch = parsed && ports.ledger.get(parsed.batchId);
    if (parsed === undefined || batch === undefined) continue;
    try {
      await cancel(ports, timeouts, batch, parsed.taskIndex);
    } catch (error) {
      if (error instanceof BoomerangError && error.code === 'not_cancellable') continue;
      ports.logger.warn({ taskId, error: messageOf(error) }, 'task.cancel_failed');
    }
  }
}
