/** Decides what happens to each call to the stack: faults, outages and latency of request and reply. */
import type { Execution } from '../engine/execution.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';

export const SERVICES = ['queue', 'tables'] as const;
export type Service = (typeof SERVICES)[number];

/** Faults of a call, and of its caller. */
export const CALL_FAULTS = [
  'refused',
  'request-lost',
  'reply-lost',
  'lands-late',
  'tried-twice',
  'caller-dies-before',
  'caller-dies-after',
] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

/** Probabilities per call. */
export type CallFaults = Readonly<Record<CallFault, number>>;

export interface CallTreatment {
  readonly fault: CallFault | undefined;
  /** Until the call has its effect. Infinity if it never arrives. */
  readonly requestMs: number;
  /** From the effect to the reply. Infinity if no reply arrives. */
  readonly replyMs: number;
}

/** In addition to the wait of a long poll, as in the clients of the stack. */
export const CALL_TIMEOUT_MS = 5000;
const USUAL_LATENCY_MS = 0.8;
const SPIKE_PROBABILITY = 0.01;

export class NetworkModel {
  readonly #execution: Execution;
  readonly #random: SeededRandom;
  readonly #outages = new Map<Service, 'refusing' | 'silent'>();
  #faults: CallFaults | undefined;
  #slowness = 1;

  constructor(execution: Execution) {
    this.#execution = execution;
    this.#random = execution.random.fork('weather');
  }

  setFaults(faults: CallFaults | undefined): void {
    this.#faults = faults;
  }

  /** Multiplies all latencies. */
  setSlowness(factor: number): void {
    this.#slowness = factor;
  }

  cut(service: Service, how: 'refusing' | 'silent'): void {
    this.#outages.set(service, how);
  }

  restore(service: Service): void {
    this.#outages.delete(service);
  }

  clear(): void {
    this.#faults = undefined;
    this.#slowness = 1;
    this.#outages.clear();
  }

  drawTreatment(service: Service, operation: string): CallTreatment {
    const requestMs = this.#drawLatencyMs();
    const replyMs = this.#drawLatencyMs();
    const outage = this.#outages.get(service);
    if (outage === 'refusing') return { fault: 'refused', requestMs, replyMs };
    if (outage === 'silent') return { fault: 'request-lost', requestMs: Infinity, replyMs };
    const fault = this.#drawFault();
    if (fault === undefined) return { fault, requestMs, replyMs };
    this.#execution.inject(`call ${fault}`, () => operation);
    if (fault === 'request-lost') return { fault, requestMs: Infinity, replyMs };
    if (fault === 'reply-lost') return { fault, requestMs, replyMs: Infinity };
    if (fault !== 'lands-late') return { fault, requestMs, replyMs };
    return { fault, requestMs: CALL_TIMEOUT_MS * this.#random.between(1.01, 5), replyMs };
  }

  #drawFault(): CallFault | undefined {
    if (this.#faults === undefined) return undefined;
    let left = this.#random.next();
    for (const fault of CALL_FAULTS) {
      left -= this.#faults[fault];
      if (left < 0) return fault;
    }
    return undefined;
  }

  /** About a millisecond, with rare spikes. */
  #drawLatencyMs(): number {
    const spike = this.#random.chance(SPIKE_PROBABILITY) ? this.#random.magnitude(10, 300) : 0;
    return (-Math.log(1 - this.#random.next()) * USUAL_LATENCY_MS + 0.1 + spike) * this.#slowness;
  }
}
