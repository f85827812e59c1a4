/**
 * Clients send requests, wait, cancel, and retry with their idempotency key if they do not know what became of a request.
 * Their history records what they asked for and what they were answered.
 */
import { BoomerangError } from '../../contracts/errors/errors.js';
import type { TaskId } from '../../contracts/batch/ids.js';
import { taskAnswer } from '../../contracts/http/task-view.js';
import { isTerminalStatus } from '../../contracts/batch/task-status.js';
import type { Coordinator } from '../../coordinator/coordinator.js';
import type { FoundTask } from '../../coordinator/tasks/find-task.js';
import type { Execution } from '../engine/execution.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import type { ClientHistory } from '../watches/client-history.js';
import type { CoordinatorMachine, RunningCoordinator } from './coordinator-machine.js';
import type { PlannedRequest } from '../scenario/client-plan.js';

const MAX_ATTEMPTS = 4;
const RECONNECT_AFTER_MS = { min: 50, max: 3000 };

export class Clients {
  readonly #execution: Execution;
  readonly #machines: readonly CoordinatorMachine[];
  readonly #history: ClientHistory;
  readonly #random: SeededRandom;
  /** Requests that are not answered yet. */
  #busy = 0;
  #lastRequestAtMs = 0;

  constructor(execution: Execution, machines: readonly CoordinatorMachine[], history: ClientHistory) {
    this.#execution = execution;
    this.#machines = machines;
    this.#history = history;
    this.#random = execution.random.fork('clients');
  }

  get areDone(): boolean {
    return this.#busy === 0;
  }

  /** When the last request was sent, or will be. */
  get lastRequestAtMs(): number {
    return this.#lastRequestAtMs;
  }

  /** Sends each request at its time. */
  start(plan: readonly PlannedRequest[]): void {
    for (const planned of plan) {
      this.#busy += 1;
      this.#lastRequestAtMs = Math.max(this.#lastRequestAtMs, planned.atMs);
      this.#execution.time.after(planned.atMs, () => {
        this.#history.recordRequest(planned.requestId, planned.request.deadlineMs);
        if (planned.key !== undefined) this.#history.recordKeyedRequest(planned.requestId);
        this.#attempt(planned, 1);
      });
    }
  }

  #attempt(planned: PlannedRequest, nth: number): void {
    this.#call(
      (running) => this.#infer(running, planned),
      () => this.#retry(planned, nth),
      () => this.#done(),
    );
  }

  #retry(planned: PlannedRequest, nth: number): void {
    // Without a key the retry would be another request.
    if (planned.key === undefined || nth === MAX_ATTEMPTS) this.#done();
    else this.#afterPause(() => this.#attempt(planned, nth + 1));
  }

  /**
   * One HTTP request to a coordinator that listens.
   * @param serve runs inside the coordinator
   * @param unknown called if the client cannot know what became of the request
   */
  #call(serve: (running: RunningCoordinator) => Promise<void>, unknown: () => void, done: () => void): void {
    const listening = this.#machines.flatMap((machine) => machine.listening ?? []);
    if (listening.length === 0) {
      this.#afterPause(() => this.#call(serve, unknown, done));
      return;
    }
    const running = this.#random.pick(listening);
    let isOver = false;
    const once = (end: () => void) => () => {
      if (isOver) return;
      isOver = true;
      this.#execution.time.after(this.#random.between(0.1, 1), end);
    };
    running.host.onDeath(once(unknown));
    running.host.enter(() => {
      serve(running).then(once(done), once(unknown));
    });
  }

  /** Does what the route `POST /infer` does. */
  async #infer(running: RunningCoordinator, planned: PlannedRequest): Promise<void> {
    const { coordinator } = running;
    const { request, requestId, key } = planned;
    this.#execution.trace(() => `${requestId} asks ${running.host.name}`);
    const since = this.#history.resetCount;
    try {
      const taskIds = await coordinator.accept({ request, requestId, idempotencyKey: key });
      const tasks = await coordinator.wait(taskIds, planned.waitMs, new AbortController().signal);
      const answers = tasks.map(({ batch, taskIndex }) => taskAnswer(batch, taskIndex));
      this.#execution.trace(() => `${requestId} answered ${answers.map(({ status }) => status).join(' ')}`);
      this.#history.recordAnswers(answers, key, since);
      for (const { taskId, status } of answers) {
        if (!isTerminalStatus(status) && this.#random.chance(planned.cancelProbability))
          this.#cancelLater(taskId);
      }
    } catch (error) {
      this.#checkRefusal(requestId, error);
      throw error;
    }
  }

  #checkRefusal(requestId: string, error: unknown): void {
    const code = error instanceof BoomerangError ? error.code : 'internal_error';
    this.#execution.trace(() => `${requestId} refused ${code} ${String(error)}`);
    if (code === 'stack_unavailable' || code === 'overloaded') return;
    if (error instanceof BoomerangError && this.#isOfLostTask(error)) return;
    this.#execution.reportViolation('a refused request has a known reason', `${requestId}: ${String(error)}`);
  }

  #cancelLater(taskId: TaskId): void {
    this.#busy += 1;
    this.#afterPause(() =>
      this.#call(
        (running) => this.#cancel(running, taskId),
        () => this.#done(),
        () => this.#done(),
      ),
    );
  }

  #isOfLostTask({ code, details }: BoomerangError): boolean {
    const { taskId } = details.extra ?? {};
    return code === 'not_found' && typeof taskId === 'string' && this.#history.mayDiffer(taskId);
  }

  /** Does what the route `DELETE /tasks/:id` does. */
  async #cancel({ coordinator }: RunningCoordinator, taskId: TaskId): Promise<void> {
    const task = await this.#find(coordinator, taskId);
    if (task === undefined) return;
    this.#history.recordCancelRequest(taskId);
    try {
      await coordinator.cancel(task);
      this.#execution.trace(() => `${taskId} was cancelled`);
      this.#history.recordCancelled(taskId);
    } catch (error) {
      this.#execution.trace(() => `${taskId} not cancelled: ${String(error)}`);
      if (error instanceof BoomerangError && error.code === 'not_cancellable')
        this.#history.recordNotCancelled(taskId);
      else if (!(error instanceof BoomerangError && error.code === 'stack_unavailable')) throw error;
    }
  }

  async #find(coordinator: Coordinator, taskId: TaskId): Promise<FoundTask | undefined> {
    try {
      return await coordinator.find(taskId);
    } catch (error) {
      if (!(error instanceof BoomerangError)) throw error;
      if (error.code === 'not_found' && !this.#history.mayDiffer(taskId))
        this.#execution.reportViolation('a task that a client knows is stored', taskId);
      return undefined;
    }
  }

  #afterPause(call: () => void): void {
    this.#execution.time.after(this.#random.magnitude(RECONNECT_AFTER_MS.min, RECONNECT_AFTER_MS.max), call);
  }

  #done(): void {
    this.#busy -= 1;
  }
}
