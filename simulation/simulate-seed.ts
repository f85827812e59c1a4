/** One execution: a load under faults, then no faults until nothing is left to do, then the checks. */
import { Execution, type Violation } from './engine/execution.js';
import { SeededRandom } from '../infra/process/seeded-random.js';
import { VirtualTime } from './engine/virtual-time.js';
import type { Mutant } from './mutants/mutant.js';
import { checkFinalState, isIdle } from './checks/final-state.js';
import { checkAfterClockSteps } from './checks/after-clock-steps.js';
import { createSystem, startSystem, type SimulatedSystem } from './system/simulated-system.js';
import { drawScenario } from './scenario/scenario.js';

export interface SeedOptions {
  readonly tasks: number;
  /** Whether messages, the queue and the tables may be lost. Default: true. */
  readonly losses?: boolean;
  readonly mutant?: Mutant | undefined;
  /** Receives the trace, line by line. */
  readonly trace?: ((line: string) => void) | undefined;
}

export interface SeedResult {
  readonly seed: number;
  readonly tasks: number;
  readonly virtualMs: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Resends of messages that were presumed lost, and how many of them were unnecessary. */
  readonly resends: { readonly presumedLost: number; readonly unnecessary: number };
  /** Tasks that clients lost when tables were emptied, which no coordinator could have prevented. */
  readonly tableResets: { readonly gone: number; readonly changed: number; readonly rekeyed: number };
  readonly violations: readonly Violation[];
}

/** How long faults continue after the last request. */
const FAULTS_CONTINUE_MS = 5000;
const CHECK_EVERY_MS = 500;
/** Twice the longest wait of any part: if nothing has changed for this long, nothing will. */
const UNCHANGED_MS = 300_000;
/** Far longer than all back-offs and timeouts of all deliveries together. */
const MAX_SETTLING_MS = 3_600_000;
/** Longer than all attempts of the most patient client. */
const ANSWERED_WITHIN_MS = 240_000;

export async function simulateSeed(seed: number, options: SeedOptions): Promise<SeedResult> {
  const time = new VirtualTime();
  const execution = new Execution(time, new SeededRandom(seed), options.trace);
  const scenario = drawScenario(execution.random, { tasks: options.tasks, losses: options.losses ?? true });
  execution.trace(() => `seed ${seed} ${JSON.stringify(scenario)}`);
  const system = createSystem(execution, scenario, options.mutant);
  const isBroken = () => execution.violations.length > 0;

  const unhandled = (error: unknown) => {
    execution.reportViolation(
      'every error is handled',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  };
  const warned = (warning: Error) => execution.reportViolation('Node prints no warning', String(warning));
  process.on('unhandledRejection', unhandled);
  process.on('warning', warned);
  try {
    startSystem(execution, system);
    await time.runUntil(isBroken, scenario.load.durationMs + FAULTS_CONTINUE_MS);
    if (!isBroken()) {
      system.faults.heal();
      let isOver = false;
      const checkProgress = () => {
        checkClientsInTime(execution, system);
        isOver = isIdle(system) || time.nowMs - system.stack.changedAtMs() > UNCHANGED_MS;
        if (!isOver) time.after(CHECK_EVERY_MS, checkProgress);
      };
      checkProgress();
      await time.runUntil(() => isOver || isBroken(), time.nowMs + MAX_SETTLING_MS);
    }
    if (!isBroken()) checkFinalState(execution, system);
    if (!isBroken()) await checkAfterClockSteps(execution, system);
  } catch (error) {
    unhandled(error); // thrown by what a timer called
  } finally {
    process.off('unhandledRejection', unhandled);
    process.off('warning', warned);
  }
  const tasks = [...system.stack.batches.items.values()].reduce(
    (sum, { tasks: slots }) => sum + slots.length,
    0,
  );
  const { presumedLost, unnecessary } = system.resends;
  return {
    seed,
    tasks,
    virtualMs: time.nowMs,
    faults: execution.faults,
    resends: { presumedLost, unnecessary },
    tableResets: {
      gone: system.history.lostTasks().length,
      changed: system.history.changedTasks().length,
      rekeyed: system.history.rekeyed.size,
    },
    violations: execution.violations,
  };
}

/** The limit counts from the end of the faults, or from the last request if that is later. */
function checkClientsInTime(execution: Execution, { clients, faults }: SimulatedSystem): void {
  const from = Math.max(clients.lastRequestAtMs, faults.healedAtMs);
  if (clients.areDone || execution.time.nowMs - from <= ANSWERED_WITHIN_MS) return;
  execution.reportViolation('every waiting client is answered in time', `some wait since ${from} ms`);
}
