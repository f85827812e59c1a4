/**
 * The parameters of one execution, drawn from its seed: size and settings of the system, and the rate of each fault. Each
 * fault is off in many seeds, so that the others show.
 */
import type { LoadSettings } from './client-plan.js';
import type { CoordinatorOptions } from '../../coordinator/ports.js';
import type { SeededRandom } from '../../infra/process/seeded-random.js';
import { drawClockErrors, type ClockErrors } from './clocks.js';
import { CALL_FAULTS, type CallFaults } from '../network/network-model.js';
import { ANSWER_FAULTS, type WorkerFaults } from '../workers/worker-faults.js';

export const FAULT_KINDS = [
  'coordinator killed',
  'coordinator stopped',
  'coordinator frozen',
  'worker killed',
  'worker frozen',
  'queue cut',
  'tables cut',
  'stack cut',
  'stack slow',
  'clock stepped',
] as const;
/** Losses that only the recovery of a coordinator can repair. */
export const LOSS_KINDS = ['messages lost', 'queue lost', 'tables emptied'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number] | (typeof LOSS_KINDS)[number];

export interface Scenario {
  readonly coordinators: number;
  readonly workers: number;
  readonly options: Omit<
    CoordinatorOptions,
    'coordinatorId' | 'keyRetentionMs' | 'maxOutstandingTasks' | 'maxOutstandingBytes'
  >;
  readonly maxReceiveCount: number;
  readonly maxOutstandingTasks: number;
  readonly load: LoadSettings;
  readonly queue: {
    readonly reorders: boolean;
    readonly staleHandlesWork: boolean;
    readonly duplicates: number;
    readonly undeletes: number;
  };
  readonly callFaults: CallFaults;
  readonly workerFaults: WorkerFaults;
  /** Rate of each kind. */
  readonly faultsPerMinute: Readonly<Record<FaultKind, number>>;
  readonly clocks: ClockErrors;
}

const HOUR_MS = 3_600_000;

export interface ScenarioSize {
  readonly tasks: number;
  /** Whether messages, the queue and the tables may be lost. */
  readonly losses: boolean;
}

export function drawScenario(seedRandom: SeededRandom, { tasks, losses }: ScenarioSize): Scenario {
  const random = seedRandom.fork('scenario');
  const lossRandom = seedRandom.fork('losses');
  const endingRandom = seedRandom.fork('functions that end');
  const ending = () => (endingRandom.chance(0.3) ? endingRandom.magnitude(0.002, 0.05) : 0);
  const sometimes = (probability: number, drawEach: () => number) =>
    random.chance(probability) ? drawEach() : 0;
  const visibilityTimeoutMs = random.pick([1000, 2000, 3000, 5000, 10_000, 30_000]);
  const durationMs = random.magnitude(15_000, 120_000);
  const mild = () => sometimes(0.4, () => random.magnitude(0.002, 0.08));
  const rare = () => sometimes(0.4, () => random.magnitude(0.0001, 0.002));
  return {
    coordinators: random.pick([1, 1, 2, 2, 3]),
    workers: 1 + random.below(5),
    options: {
      dispatch: random.pick(['least-loaded', 'round-robin']),
      redelivery: random.chance(0.5) ? 'backoff' : 'timeout',
      batch: {
        maxTasks: random.pick([1, 4, 8, 32]),
        maxBytes: 200_000,
        maxTokens: 2048,
        windowMs: random.pick([0, 2, 10]),
      },
      workerSlots: random.pick([1, 2, 2, 3]),
      visibilityTimeoutMs,
      invokeTimeoutMs: visibilityTimeoutMs * random.pick([0.2, 0.5, 0.9, 1.5]),
      retentionMs: 24 * HOUR_MS,
    },
    maxReceiveCount: random.pick([3, 5, 10, 10]),
    maxOutstandingTasks: random.chance(0.2) ? 200 : 20_000,
    load: {
      tasks,
      durationMs,
      bursts: random.below(4),
      withKey: sometimes(0.7, () => 0.2),
      withDeadline: sometimes(0.5, () => 0.2),
      cancelled: sometimes(0.5, () => 0.2),
      withPoison: sometimes(0.3, () => random.magnitude(0.0005, 0.005)),
      unusable: sometimes(0.3, () => 0.01),
    },
    queue: {
      reorders: random.chance(0.7),
      staleHandlesWork: random.chance(0.5),
      duplicates: mild(),
      undeletes: sometimes(0.3, () => random.magnitude(0.0005, 0.01)),
    },
    callFaults: {
      ...draw(CALL_FAULTS, mild),
      'caller-dies-before': rare(),
      'caller-dies-after': rare(),
    },
    workerFaults: { ...draw(ANSWER_FAULTS, mild), loop: ending(), oom: ending() },
    faultsPerMinute: {
      ...draw(FAULT_KINDS, () => sometimes(0.4, () => random.magnitude(0.5, 10))),
      ...draw(LOSS_KINDS, () => (losses && lossRandom.chance(0.4) ? lossRandom.magnitude(0.2, 3) : 0)),
    },
    clocks: drawClockErrors(seedRandom.fork('clock errors')),
  };
}

function draw<Kind extends string>(kinds: readonly Kind[], value: () => number): Record<Kind, number> {
  return Object.fromEntries(kinds.map((kind) => [kind, value()])) as Record<Kind, number>;
}
