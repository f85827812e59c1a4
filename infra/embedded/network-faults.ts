/** Faults of the network in front of the stack: requests that take their time, or a cut. */
import type { NetworkFault, NetworkFaultView } from '../../contracts/control/network-fault.js';

const NO_FAULT: NetworkFault = { delayMs: 0, jitterMs: 0, cut: false };

export class NetworkFaults {
  readonly #nowMs: () => number;
  readonly #random: () => number;
  #fault = NO_FAULT;
  #untilMs = Infinity;

  constructor(nowMs: () => number, random: () => number) {
    this.#nowMs = nowMs;
    this.#random = random;
  }

  set(fault: NetworkFault): void {
    this.#fault = fault;
    this.#untilMs = fault.forMs === undefined ? Infinity : this.#nowMs() + fault.forMs;
  }

  clear(): void {
    this.set(NO_FAULT);
  }

  get isCut(): boolean {
    return this.#inForce().cut;
  }

  /** For one exchange; 0 where nothing is wrong. */
  drawDelayMs(): number {
    const { delayMs, jitterMs } = this.#inForce();
    return Math.max(0, delayMs + (2 * this.#random() - 1) * jitterMs);
  }

  view(): NetworkFaultView {
    const { delayMs, jitterMs, cut } = this.#inForce();
    const leftMs = Math.round(this.#untilMs - this.#nowMs());
    return { delayMs, jitterMs, cut, ...(Number.isFinite(leftMs) && leftMs > 0 && { leftMs }) };
  }

  #inForce(): NetworkFault {
    return this.#nowMs() < this.#untilMs ? this.#fault : NO_FAULT;
  }
}
