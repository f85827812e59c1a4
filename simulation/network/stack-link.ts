/**
 * The way of a call from a process to the stack and back. The caller hears nothing once it is dead; the call has its
 * effect all the same if it had left by then.
 */
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import { CALL_TIMEOUT_MS, type Fate, type Service, type Weather } from './network-model.js';

/** What the stack does when the call arrives; `answer` may come later. */
export type Effect<T> = (answer: (result: T) => void) => void;

/** Probability that a call lingers in its process and leaves only after a while, if the process still lives. */
const LINGERS = 0.03;
const LONGEST_LINGERING_MS = 20;
/** How many times as long the second try of a call takes to arrive. */
const SECOND_TRY = 3;
const REFUSED = new Error('simulated: refused');
const TIMED_OUT = new Error('simulated: no answer in time');

export class StackLink {
  readonly #execution: Execution;
  readonly #weather: Weather;
  readonly #random: SeededRandom;
  readonly #host: Host;

  constructor(execution: Execution, weather: Weather, host: Host) {
    this.#execution = execution;
    this.#weather = weather;
    this.#random = execution.random.fork(`link of ${host.name}`);
    this.#host = host;
  }

  /** For an effect that is all there is to it. */
  call<T>(service: Service, operation: string, effect: () => T): Promise<T> {
    return this.callWaiting(service, operation, (answer) => answer(effect()), 0);
  }

  /** @param waitMs how long the stack may take by itself: a long poll */
  callWaiting<T>(service: Service, operation: string, effect: Effect<T>, waitMs: number): Promise<T> {
    if (this.#host.isDead) return new Promise(() => undefined);
    const fate = this.#weather.fateOf(service, operation);
    this.#execution.tell(() => `${this.#host.name} ${operation}`);
    if (fate.fault === 'caller-dies-before') {
      this.#host.kill();
      return new Promise(() => undefined);
    }
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        this.#host.enter(() => reject(new StackUnavailableError(operation, cause)));
      if (fate.fault === 'refused') {
        const inMs = Math.min(fate.thereMs + fate.backMs, CALL_TIMEOUT_MS);
        this.#execution.time.after(inMs, () => fail(REFUSED));
        return;
      }
      const cancelTimeout = this.#timeout(fate, waitMs, () => fail(TIMED_OUT));
      const answer = (result: T) => {
        if (fate.fault === 'caller-dies-after') this.#host.kill();
        if (fate.backMs === Infinity) return;
        this.#execution.time.after(fate.backMs, () =>
          this.#host.enter(() => {
            cancelTimeout();
            this.#execution.tell(() => `${this.#host.name} ${operation}: ${inWords(result)}`);
            resolve(result);
          }),
        );
      };
      if (fate.thereMs === Infinity) return;
      this.#leave(fate.thereMs, () => effect(fate.fault === 'tried-twice' ? ignored : answer));
      // The client of the stack tries again by itself where a connection breaks: the effect comes twice.
      if (fate.fault === 'tried-twice') this.#leave(SECOND_TRY * fate.thereMs, () => effect(answer));
    });
  }

  /** Only where it can matter: nearly every answer comes long before. */
  #timeout({ fault, thereMs, backMs }: Fate, waitMs: number, fail: () => void): () => void {
    const answeringThereMs = fault === 'tried-twice' ? SECOND_TRY * thereMs : thereMs;
    if (answeringThereMs + LONGEST_LINGERING_MS + backMs < CALL_TIMEOUT_MS) return () => undefined;
    return this.#execution.time.after(waitMs + CALL_TIMEOUT_MS, fail);
  }

  #leave(thereMs: number, arrive: () => void): void {
    const { time } = this.#execution;
    if (!this.#random.chance(LINGERS)) {
      time.after(thereMs, arrive);
      return;
    }
    time.after(this.#random.between(0, LONGEST_LINGERING_MS), () =>
      this.#host.enter(() => void time.after(thereMs, arrive)),
    );
  }
}

function ignored(): void {
  // the first answer was lost on its way
}

function inWords(result: unknown): string {
  if (result === undefined) return 'done';
  if (typeof result === 'string') return result;
  return Array.isArray(result) ? `${result.length} found` : 'found';
}
