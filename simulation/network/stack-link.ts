/**
 * Carries calls from a process to the stack and back. A dead caller receives no reply, but a call that had left has its
 * effect.
 */
import { StackUnavailableError } from '../../contracts/errors/errors.js';
import type { Execution } from '../engine/execution.js';
import type { Host } from '../engine/host.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import { CALL_TIMEOUT_MS, type CallTreatment, type Service, type NetworkModel } from './network-model.js';

/** Does what the stack does when the call arrives. It may call `answer` later. */
export type Effect<T> = (answer: (result: T) => void) => void;

/** Probability that a call leaves its process only after a while, if the process is still alive. */
const LINGER_PROBABILITY = 0.03;
const MAX_LINGER_MS = 20;
/** The second attempt of a call takes this many times as long to arrive. */
const RETRY_FACTOR = 3;
const REFUSED = new Error('simulated: refused');
const TIMED_OUT = new Error('simulated: no answer in time');

export class StackLink {
  readonly #execution: Execution;
  readonly #network: NetworkModel;
  readonly #random: SeededRandom;
  readonly #host: Host;

  constructor(execution: Execution, network: NetworkModel, host: Host) {
    this.#execution = execution;
    this.#network = network;
    this.#random = execution.random.fork(`link of ${host.name}`);
    this.#host = host;
  }

  /** A call that is answered at once. */
  call<T>(service: Service, operation: string, effect: () => T): Promise<T> {
    return this.callWaiting(service, operation, (answer) => answer(effect()), 0);
  }

  /** A call that the stack may answer later. @param waitMs how long a long poll may wait */
  callWaiting<T>(service: Service, operation: string, effect: Effect<T>, waitMs: number): Promise<T> {
    if (this.#host.isDead) return new Promise(() => undefined);
    const treatment = this.#network.drawTreatment(service, operation);
    this.#execution.trace(() => `${this.#host.name} ${operation}`);
    if (treatment.fault === 'caller-dies-before') {
      this.#host.kill();
      return new Promise(() => undefined);
    }
    return new Promise((resolve, reject) => {
      const fail = (cause: Error) =>
        this.#host.enter(() => reject(new StackUnavailableError(operation, cause)));
      if (treatment.fault === 'refused') {
        const inMs = Math.min(treatment.requestMs + treatment.replyMs, CALL_TIMEOUT_MS);
        this.#execution.time.after(inMs, () => fail(REFUSED));
        return;
      }
      const cancelTimeout = this.#timeout(treatment, waitMs, () => fail(TIMED_OUT));
      const answer = (result: T) => {
        if (treatment.fault === 'caller-dies-after') this.#host.kill();
        if (treatment.replyMs === Infinity) return;
        this.#execution.time.after(treatment.replyMs, () =>
          this.#host.enter(() => {
            cancelTimeout();
            this.#execution.trace(() => `${this.#host.name} ${operation}: ${describeResult(result)}`);
            resolve(result);
          }),
        );
      };
      if (treatment.requestMs === Infinity) return;
      this.#send(treatment.requestMs, () => effect(treatment.fault === 'tried-twice' ? ignore : answer));
      // The client of the stack retries when a connection breaks, so the effect occurs twice.
      if (treatment.fault === 'tried-twice')
        this.#send(RETRY_FACTOR * treatment.requestMs, () => effect(answer));
    });
  }

  /** Sets a timer only if the reply may be late, which is rare. */
  #timeout({ fault, requestMs, replyMs }: CallTreatment, waitMs: number, fail: () => void): () => void {
    const answeringThereMs = fault === 'tried-twice' ? RETRY_FACTOR * requestMs : requestMs;
    if (answeringThereMs + MAX_LINGER_MS + replyMs < CALL_TIMEOUT_MS) return () => undefined;
    return this.#execution.time.after(waitMs + CALL_TIMEOUT_MS, fail);
  }

  #send(thereMs: number, arrive: () => void): void {
    const { time } = this.#execution;
    if (!this.#random.chance(LINGER_PROBABILITY)) {
      time.after(thereMs, arrive);
      return;
    }
    time.after(this.#random.between(0, MAX_LINGER_MS), () =>
      this.#host.enter(() => void time.after(thereMs, arrive)),
    );
  }
}

function ignore(): void {
  // the first answer was lost
}

function describeResult(result: unknown): string {
  if (result === undefined) return 'done';
  if (typeof result === 'string') return result;
  return Array.isArray(result) ? `${result.length} found` : 'found';
}
