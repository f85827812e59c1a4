import {
  FAULT_PROFILES,
  listFaults,
  printFaults,
  type FaultPlan,
  type FaultsLeft,
  type FaultsView,
} from '../../../contracts/worker/faults.js';
import type { InvokeRequest } from '../../../contracts/worker/invoke.js';
import type { Clock } from '../../../contracts/system/clock.js';
import type { FaultDraw } from './fault-draw.js';
import type { FaultMemory } from './fault-file.js';
import {
  countDown,
  isTemporary,
  printLayers,
  readLayers,
  withoutExpired,
  type ClockReading,
  type FaultLayer,
  type FaultLayers,
} from './fault-layers.js';
import { decideFault, appliesTo, makeCertain, type FaultDecision } from './fault-plan.js';

export interface LiveFaultsParts {
  /** The plan until another one is set. */
  readonly plan: FaultPlan;
  readonly draw: FaultDraw;
  readonly defaultLateMs: number;
  readonly memory: FaultMemory;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  /** Called when the active plan changes. */
  readonly onChange: () => void;
}

export interface FaultLimits {
  readonly forMs?: number | undefined;
  readonly count?: number | undefined;
}

/** The active fault plan, which can be changed while the worker runs. */
export class LiveFaults {
  readonly #parts: LiveFaultsParts;
  #layers: FaultLayers;

  constructor(parts: LiveFaultsParts) {
    this.#parts = parts;
    this.#layers = readLayers(parts.memory.load() ?? '', this.#reading()) ?? [{ plan: parts.plan }];
  }

  get plan(): FaultPlan {
    return this.#active().plan;
  }

  /** A plan without limits replaces all others. A plan with a limit is active on top of them until the limit is reached. */
  set(plan: FaultPlan, { forMs, count }: FaultLimits = {}): void {
    const untilMs = forMs === undefined ? undefined : this.#parts.clock.monotonic() + forMs;
    const layer: FaultLayer = { plan, countLeft: count, untilMs };
    this.#change(isTemporary(layer) ? [...this.#current(), layer] : [layer]);
    this.#parts.onChange();
  }

  clear(): void {
    this.set(FAULT_PROFILES.none);
  }

  decide(invoke: InvokeRequest): FaultDecision {
    const { plan, countLeft } = this.#active();
    const { draw, defaultLateMs } = this.#parts;
    if (countLeft === undefined) return decideFault(plan, draw, invoke, defaultLateMs);
    if (appliesTo(plan, invoke)) this.#change(countDown(this.#layers));
    return decideFault(makeCertain(plan), draw, invoke, defaultLateMs);
  }

  view(workerId: string): FaultsView {
    const active = this.#active();
    const beneath = this.#layers.slice(0, -1).reverse();
    const left = (layer: FaultLayer) => this.#left(layer);
    return { workerId, ...left(active), list: listFaults(active.plan), beneath: beneath.map(left) };
  }

  #left({ plan, countLeft, untilMs }: FaultLayer): FaultsLeft {
    return {
      faults: printFaults(plan),
      ...(countLeft !== undefined && { countLeft }),
      ...(untilMs !== undefined && {
        leftMs: Math.max(0, Math.round(untilMs - this.#parts.clock.monotonic())),
      }),
    };
  }

  #active(): FaultLayer {
    return this.#current().at(-1) ?? { plan: this.#parts.plan };
  }

  #current(): FaultLayers {
    const before = this.#layers;
    this.#layers = withoutExpired(before, this.#parts.clock.monotonic());
    if (this.#layers.at(-1) !== before.at(-1)) this.#parts.onChange();
    return this.#layers;
  }

  #change(layers: FaultLayers): void {
    this.#layers = layers;
    this.#parts.memory.save(printLayers(layers, this.#reading()));
  }

  #reading(): ClockReading {
    const { clock } = this.#parts;
    return { wallMs: clock.now(), monotonicMs: clock.monotonic() };
  }
}
