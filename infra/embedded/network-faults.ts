/** What is wrong with the network in front of the stack: requests that take their time, or a cut. */
import { z } from 'zod';

/** Longer than any client waits. */
const MAX_DELAY_MS = 60_000;
const MAX_DURATION_MS = 3_600_000;

export const networkFaultSchema = z.strictObject({
  /** Added to every exchange, half on the way in and half on the way out, drawn from mean ± jitter. */
  delayMs: z.number().min(0).max(MAX_DELAY_MS).default(0),
  jitterMs: z.number().min(0).max(MAX_DELAY_MS).default(0),
  /** Every connection is reset, those that are open at once. */
  cut: z.boolean().default(false),
  /** Until it is deleted where absent. */
  forMs: z.int().min(1).max(MAX_DURATION_MS).optional(),
});

export type NetworkFault = z.output<typeof networkFaultSchema>;

export interface NetworkFaultView {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly cut: boolean;
  /** Absent where nothing ends it. */
  readonly leftMs?: number;
}

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
