/** How the stack treats calls at this moment: what each call's way there and back is like. */
import type { Execution } from '../engine/execution.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';

export const SERVICES = ['queue', 'tables'] as const;
export type Service = (typeof SERVICES)[number];

/** What may become of a call, and of who makes it. */
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

/** Probabilities a call. */
export type CallFaults = Readonly<Record<CallFault, number>>;

export interface Fate {
  readonly fault: CallFault | undefined;
  /** Until the call has its effect; Infinity where it never arrives. */
  readonly thereMs: number;
  /** From the effect to the reply; Infinity where none arrives. */
  readonly backMs: number;
}

/** Beyond what a long poll waits: as the clients of the stack are set up. */
export const CALL_TIMEOUT_MS = 5000;
const USUAL_MS = 0.8;
const SPIKE_PROBABILITY = 0.01;

export class Weather {
  readonly #execution: Execution;
  readonly #random: SeededRandom;
  readonly #down = new Map<Service, 'refusing' | 'silent'>();
  #faults: CallFaults | undefined;
  #slowness = 1;

  constructor(execution: Execution) {
    this.#execution = execution;
    this.#random = execution.random.fork('weather');
  }

  setFaults(faults: CallFaults | undefined): void {
    this.#faults = faults;
  }

  /** Multiplies how long everything takes. */
  setSlowness(factor: number): void {
    this.#slowness = factor;
  }

  cut(service: Service, how: 'refusing' | 'silent'): void {
    this.#down.set(service, how);
  }

  mend(service: Service): void {
    this.#down.delete(service);
  }

  clear(): void {
    this.#faults = undefined;
    this.#slowness = 1;
    this.#down.clear();
  }

  isUp(service: Service): boolean {
    return !this.#down.has(service);
  }

  fateOf(service: Service, operation: string): Fate {
    const thereMs = this.#wayMs();
    const backMs = this.#wayMs();
    const outage = this.#down.get(service);
    if (outage === 'refusing') return { fault: 'refused', thereMs, backMs };
    if (outage === 'silent') return { fault: 'request-lost', thereMs: Infinity, backMs };
    const fault = this.#draw();
    if (fault === undefined) return { fault, thereMs, backMs };
    this.#execution.inflict(`call ${fault}`, () => operation);
    if (fault === 'request-lost') return { fault, thereMs: Infinity, backMs };
    if (fault === 'reply-lost') return { fault, thereMs, backMs: Infinity };
    if (fault !== 'lands-late') return { fault, thereMs, backMs };
    return { fault, thereMs: CALL_TIMEOUT_MS * this.#random.between(1.01, 5), backMs };
  }

  #draw(): CallFault | undefined {
    if (this.#faults === undefined) return undefined;
    let left = this.#random.next();
    for (const fault of CALL_FAULTS) {
      left -= this.#faults[fault];
      if (left < 0) return fault;
    }
    return undefined;
  }

  /** Mostly about a millisecond; now and then much more. */
  #wayMs(): number {
    const spike = this.#random.chance(SPIKE_PROBABILITY) ? this.#random.magnitude(10, 300) : 0;
    return (-Math.log(1 - this.#random.next()) * USUAL_MS + 0.1 + spike) * this.#slowness;
  }
}
