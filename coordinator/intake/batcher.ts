/**
 * Gathers admitted tasks into batches and hands each to `submit`: as soon as one is full, else when the gathering
 * policy says so.
 */
import { estimateTokens } from './estimate-tokens.js';
import type { BatchInput } from '../../contracts/batch/message.js';
import type { Clock } from '../../contracts/system/clock.js';
import { asciiJson } from '../../contracts/common/text.js';
import { sendAtMs } from './gather-policy.js';
import type { LoadMeter } from './load-meter.js';

/** A task on its way into a batch; `placed` is told which taskIndex it got once the batch is stored and sent. */
export interface PendingTask {
  readonly input: BatchInput;
  /** Monotonic. */
  readonly admittedAt: number;
  placed(batchId: string, taskIndex: number): void;
  failed(error: unknown): void;
}

export interface BatcherOptions {
  readonly maxTasks: number;
  readonly maxBytes: number;
  /** Estimated: what a worker computes in a small part of the time that it has. */
  readonly maxTokens: number;
  readonly windowMs: number;
}

interface Gathered {
  readonly task: PendingTask;
  readonly bytes: number;
  readonly tokens: number;
  readonly arrivedMs: number;
}

export class Batcher {
  readonly #clock: Clock;
  readonly #meter: LoadMeter;
  readonly #options: BatcherOptions;
  readonly #workers: () => number;
  readonly #submit: (tasks: readonly PendingTask[]) => void;
  #gathered: Gathered[] = [];
  #cancelTimer: (() => void) | undefined;

  constructor(
    clock: Clock,
    meter: LoadMeter,
    options: BatcherOptions,
    workers: () => number,
    submit: (tasks: readonly PendingTask[]) => void,
  ) {
    this.#clock = clock;
    this.#meter = meter;
    this.#options = options;
    this.#workers = workers;
    this.#submit = submit;
  }

  get gatheredTasks(): number {
    return this.#gathered.length;
  }

  get gatheredBytes(): number {
    return this.#gathered.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Takes the tasks of one request together, so that they share batches where they fit. */
  add(tasks: readonly PendingTask[]): void {
    const arrivedMs = this.#clock.monotonic();
    const isIdle = this.#gathered.length === 0 && this.#meter.isIdle(arrivedMs);
    for (const task of tasks) {
      const bytes = asciiJson(task.input).length + 1;
      this.#gathered.push({ task, bytes, tokens: estimateTokens(task.input.text), arrivedMs });
    }
    this.#meter.recordArrivals(tasks.length, arrivedMs);
    if (isIdle) this.flush();
    else this.reconsider();
  }

  /** To be called when a batch was answered or set aside: what gathered may be due now. */
  reconsider(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (let full = this.#takeFull(); full !== undefined; full = this.#takeFull()) this.#submit(full);
    const [first] = this.#gathered;
    if (first === undefined) return;
    const nowMs = this.#clock.monotonic();
    const sendInMs = this.#sendAtMs(first.arrivedMs, nowMs) - nowMs;
    if (sendInMs <= 0) {
      this.flush();
      return;
    }
    const patienceMs = this.#meter.patienceEndsAtMs - nowMs;
    const lookInMs = patienceMs > 0 ? Math.min(sendInMs, patienceMs) : sendInMs;
    this.#cancelTimer = this.#clock.timer(lookInMs, () => this.reconsider());
  }

  /** Sends all that has gathered. */
  flush(): void {
    for (let tasks = this.#take(); tasks.length > 0; tasks = this.#take()) this.#submit(tasks);
  }

  #sendAtMs(firstArrivalMs: number, nowMs: number): number {
    return sendAtMs({
      firstArrivalMs,
      gatheredTasks: this.#gathered.length,
      tasksUnderWay: this.#meter.tasksUnderWay(nowMs),
      tasksExpectedBack: this.#meter.tasksExpectedBack(nowMs),
      latestEventMs: this.#meter.latestEventMs,
      workers: this.#workers(),
      windowMs: this.#options.windowMs,
      batchTimeMs: this.#meter.batchTimeMs,
    });
  }

  #takeFull(): readonly PendingTask[] | undefined {
    const count = this.#fitting();
    const full = count < this.#gathered.length || count === this.#options.maxTasks;
    return full && count > 0 ? this.#take() : undefined;
  }

  #take(): readonly PendingTask[] {
    return this.#gathered.splice(0, this.#fitting()).map(({ task }) => task);
  }

  /** How many of the first tasks fit into one batch; one always does. */
  #fitting(): number {
    const { maxTasks, maxBytes, maxTokens } = this.#options;
    let bytes = 0;
    let tokens = 0;
    let count = 0;
    for (const gathered of this.#gathered) {
      bytes += gathered.bytes;
      tokens += gathered.tokens;
      const isTooMuch = bytes > maxBytes || tokens > maxTokens;
      if (count === maxTasks || (count > 0 && isTooMuch)) break;
      count += 1;
    }
    return count;
  }
}
