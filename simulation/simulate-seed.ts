/** One execution: a load under faults, then peace until nothing is left to do, then the promises. */
import { Execution, type Violation } from './engine/execution.js';
import { SeededRandom } from '../infra/process/seeded-random.js';
import { VirtualTime } from './engine/virtual-time.js';
import type { Plant } from './mutants/mutant.js';
import { checkAtEnd, isQuiet } from './checks/at-end.js';
import { checkGoesOn } from './checks/goes-on.js';
import { createWorld, startWorld, type World } from './world/world.js';
import { drawScenario } from './scenario/scenario.js';

export interface SeedOptions {
  readonly tasks: number;
  /** Whether messages, the queue and the tables may be lost; they may where nothing is said. */
  readonly losses?: boolean;
  readonly plant?: Plant | undefined;
  /** Takes the trace, line by line. */
  readonly trace?: ((line: string) => void) | undefined;
}

export interface SeedResult {
  readonly seed: number;
  readonly tasks: number;
  readonly virtualMs: number;
  readonly faults: ReadonlyMap<string, number>;
  /** Sends of what was presumed lost, and those of them that were needless. */
  readonly resends: { readonly presumedLost: number; readonly needless: number };
  /** What emptied tables cost, which no coordinator could have spared its clients. */
  readonly apart: { readonly gone: number; readonly changed: number; readonly rekeyed: number };
  readonly violations: readonly Violation[];
}

/** After the last request faults go on for a while. */
const AFTERMATH_MS = 5000;
const LOOK_EVERY_MS = 500;
/** When nothing has changed for so long, nothing will: twice as long as anybody waits for anything. */
const STILL_MS = 300_000;
/** Far more than the longest back-offs and timeouts of all deliveries together. */
const PEACE_MS = 3_600_000;
/** All tries of the most patient client. */
const ANSWERED_WITHIN_MS = 240_000;

export async function simulateSeed(seed: number, options: SeedOptions): Promise<SeedResult> {
  const time = new VirtualTime();
  const execution = new Execution(time, new SeededRandom(seed), options.trace);
  const scenario = drawScenario(execution.random, { tasks: options.tasks, losses: options.losses ?? true });
  execution.tell(() => `seed ${seed} ${JSON.stringify(scenario)}`);
  const world = createWorld(execution, scenario, options.plant);
  const isBroken = () => execution.violations.length > 0;

  const unhandled = (error: unknown) => {
    execution.broken(
      'every error is handled',
      error instanceof Error ? (error.stack ?? error.message) : String(error),
    );
  };
  const warned = (warning: Error) => execution.broken('Node has nothing to warn of', String(warning));
  process.on('unhandledRejection', unhandled);
  process.on('warning', warned);
  try {
    startWorld(execution, world);
    await time.runUntil(isBroken, scenario.load.durationMs + AFTERMATH_MS);
    if (!isBroken()) {
      world.fate.heal();
      let isOver = false;
      const look = () => {
        checkClientsInTime(execution, world);
        isOver = isQuiet(world) || time.nowMs - world.stack.changedAtMs() > STILL_MS;
        if (!isOver) time.after(LOOK_EVERY_MS, look);
      };
      look();
      await time.runUntil(() => isOver || isBroken(), time.nowMs + PEACE_MS);
    }
    if (!isBroken()) checkAtEnd(execution, world);
    if (!isBroken()) await checkGoesOn(execution, world);
  } finally {
    process.off('unhandledRejection', unhandled);
    process.off('warning', warned);
  }
  const tasks = [...world.stack.batches.items.values()].reduce(
    (sum, { tasks: slots }) => sum + slots.length,
    0,
  );
  const { presumedLost, needless } = world.resends;
  return {
    seed,
    tasks,
    virtualMs: time.nowMs,
    faults: execution.faults,
    resends: { presumedLost, needless },
    apart: {
      gone: world.told.gone().length,
      changed: world.told.changed().length,
      rekeyed: world.told.rekeyed.size,
    },
    violations: execution.violations,
  };
}

/** Counted from when all is well and everybody has asked. */
function checkClientsInTime(execution: Execution, { clients, fate }: World): void {
  const from = Math.max(clients.lastAskedAtMs, fate.healedAtMs);
  if (clients.areDone || execution.time.nowMs - from <= ANSWERED_WITHIN_MS) return;
  execution.broken('every waiting client is answered in time', `some wait since ${from} ms`);
}
