import type { FaultPlan } from '../../contracts/faults.js';
import type { InvokeRequest } from '../../contracts/invoke.js';
import type { FaultDraw } from './fault-draw.js';
import { decideFault, type FaultDecision } from './fault-plan.js';

/** The fault plan in force, which can be changed while the worker runs. */
export class LiveFaults {
  plan: FaultPlan;
  readonly #draw: FaultDraw;
  readonly #defaultLateMs: number;

  constructor(plan: FaultPlan, draw: FaultDraw, defaultLateMs: number) {
    this.plan = plan;
    this.#draw = draw;
    this.#defaultLateMs = defaultLateMs;
  }

  decide(invoke: InvokeRequest): FaultDecision {
    return decideFault(this.plan, this.#draw, invoke, this.#defaultLateMs);
  }
}
