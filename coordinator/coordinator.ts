/** The coordinator as its users see it: it accepts texts, waits for their tasks, finds, lists, cancels and redrives them. */
import { setMaxListeners } from 'node:events';
import type { BatchDocument } from '../contracts/batch/batch.js';
import { parseTaskId, type BatchId, type TaskId } from '../contracts/batch/ids.js';
import { BoomerangError } from '../contracts/errors/errors.js';
import type { RedriveRequest } from '../contracts/http/api.js';
import { assemble, type Parts } from './assemble.js';
import { settledWithin } from './async/repeat.js';
import { redrive, type RedriveAnswer } from './dead-letters/redrive.js';
import type { Refusal } from './intake/admission.js';
import { acceptRequest, refusalOfAny, type IncomingRequest, type InferOptions } from './intake/infer.js';
import type { Ledger } from './ledger/ledger.js';
import type { Measures } from './measures/measures.js';
import type { CoordinatorOptions, CoordinatorPorts } from './ports.js';
import type { StatsRecorder } from './stats/stats-recorder.js';
import { cancel } from './tasks/cancel-task.js';
import { findTask, refuseWhileRestorable, type FoundTask } from './tasks/find-task.js';
import { listTasks, type ListQuery, type TaskPage } from './tasks/list-tasks.js';
import { waitForTasks } from './tasks/wait-for-tasks.js';
import type { Traces } from './tracing/traces.js';
import type { Heartbeats } from './workers/heartbeats.js';
import type { WorkerRegistry } from './workers/registry.js';

/** Beyond the time that a long poll waits. */
const MAX_RECEIVE_MS = 3000;
const MAX_RELEASE_MS = 3000;

export class Coordinator {
  /** For views, metrics and heartbeats; tasks change through the methods alone. */
  readonly ledger: Ledger;
  readonly registry: WorkerRegistry;
  readonly stats: StatsRecorder;
  readonly measures: Measures;
  readonly traces: Traces | undefined;
  readonly heartbeats: Heartbeats;

  readonly #ports: CoordinatorPorts;
  readonly #options: InferOptions;
  readonly #parts: Parts;
  readonly #stopping = new AbortController();
  #stops: readonly (() => Promise<void>)[] = [];

  constructor(ports: CoordinatorPorts, options: CoordinatorOptions) {
    setMaxListeners(0, this.#stopping.signal); // one for each delivery that waits for something
    const parts = assemble(ports, options, this.#stopping.signal);
    this.#ports = ports;
    this.#options = { ...options, timeouts: parts.timeouts };
    this.#parts = parts;
    this.ledger = parts.ledger;
    this.registry = parts.registry;
    this.stats = parts.stats;
    this.measures = parts.measures;
    this.traces = parts.traces;
    this.heartbeats = parts.heartbeats;
  }

  /**
   * Accepts the texts of a request, or finds the tasks that its key stands for.
   * @returns the tasks' ids in the order of the texts
   * @throws BoomerangError `overloaded`, `idempotency_conflict`; StackUnavailableError
   */
  accept(incoming: IncomingRequest): Promise<readonly TaskId[]> {
    return acceptRequest(this.#parts.infer, this.#options, incoming);
  }

  /** Why no request would be accepted now, however small; `undefined` where one would be. */
  refusal(): Refusal | undefined {
    return refusalOfAny(this.#parts.infer, this.#options);
  }

  /**
   * Waits until every task is terminal, at most `timeoutMs`, or until `signal` fires.
   * @returns the tasks as they are known then, in the order of `taskIds`
   * @throws BoomerangError `not_found` of a task that is no longer kept; StackUnavailableError
   */
  async wait(
    taskIds: readonly TaskId[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<readonly FoundTask[]> {
    const known = await waitForTasks(this.#parts.infer, taskIds, timeoutMs, signal);
    const ids = taskIds.map((taskId) => ({ taskId, ...parseTaskId(taskId) }));
    const missing = ids.find(({ batchId }) => batchId !== undefined && !known.has(batchId))?.batchId;
    if (missing !== undefined) await refuseWhileRestorable(this.#parts.infer, missing);
    return ids.map(({ taskId, batchId = '', taskIndex = -1 }) => {
      const batch = known.get(batchId);
      if (batch !== undefined) return { batch, taskIndex };
      throw new BoomerangError('not_found', `task ${taskId} is no longer kept`, { extra: { taskId } });
    });
  }

  /** @throws BoomerangError `not_found`; StackUnavailableError, also while an emptied table has not got it back */
  find(taskId: string): Promise<FoundTask> {
    return findTask(this.#parts.infer, taskId);
  }

  /**
   * Cancels a task that is neither recorded as running nor terminal; a cancel that lands before the commit wins.
   * @throws BoomerangError `not_cancellable`, `not_found`; StackUnavailableError
   */
  async cancel({ batch, taskIndex }: FoundTask): Promise<FoundTask> {
    return { batch: await cancel(this.#parts.infer, this.#options.timeouts, batch, taskIndex), taskIndex };
  }

  /**
   * A page of tasks, the newest first.
   * @param gone fires when nobody waits for the page any more
   * @throws BoomerangError `invalid_request`; StackUnavailableError
   */
  list(query: ListQuery, gone: AbortSignal): Promise<TaskPage> {
    return listTasks(this.#parts.lists, query, this.#options.timeouts.retentionMs, gone);
  }

  /** Calls with what each reading of the batch finds, until the function that it returns is called. */
  follow(id: BatchId, listener: (batch: BatchDocument | undefined) => void): () => void {
    return this.#parts.follower.follow(id, listener);
  }

  /** @throws BoomerangError `overloaded` where not one could be accepted; StackUnavailableError */
  redrive(request: RedriveRequest, requestId: string, stopping: AbortSignal): Promise<RedriveAnswer> {
    return redrive(this.#parts.infer, this.#options, request, requestId, stopping);
  }

  start(): void {
    this.#stops = this.#parts.startBackgroundWork();
    this.#parts.receiver.start();
  }

  /** Drains, then returns to the queue what is left. New tasks must be refused before. */
  async stop(deadlineMs: number): Promise<void> {
    await this.finish(deadlineMs);
    await this.release();
  }

  /** Sends what has gathered, receives no more, and lets deliveries end within the deadline. */
  async finish(deadlineMs: number): Promise<void> {
    const { intake, receiver, dispatcher } = this.#parts;
    const { clock } = this.#ports;
    intake.flush();
    const receiverEnded = receiver.stop();
    const drained = receiverEnded.then(() => dispatcher.drained());
    await settledWithin(clock, drained, deadlineMs);
    // A receive that still waits would be handed what is returned to the queue.
    await settledWithin(clock, receiverEnded, MAX_RECEIVE_MS);
  }

  /** Returns to the queue at once what could not be finished, and ends everything else. A stack that is gone is not waited for. */
  async release(): Promise<void> {
    this.#stopping.abort();
    this.#parts.expirer.stop();
    const isReleased = await settledWithin(this.#ports.clock, this.#release(), MAX_RELEASE_MS);
    if (!isReleased) this.#ports.logger.warn({}, 'stop.cut_short');
  }

  async #release(): Promise<void> {
    await this.#parts.dispatcher.returnAll();
    await this.#parts.deletes.flush();
    await Promise.all(this.#stops.map((stop) => stop()));
  }
}
