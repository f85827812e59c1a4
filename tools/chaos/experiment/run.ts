/**
 * One experiment, from steady state to verdict:
 *
 *     steady ── model ── load and timeline ──> heal ── drain ──> check
 *                             └─ stop condition, Ctrl-C ─^
 *
 * The system is healed whatever happens. This emits what happens; who draws it is another's business.
 */
import { messageOf } from '../../../contracts/common/text.js';
import type { ReadableStore } from './read-store.js';
import { runChecks } from '../checks/checks.js';
import type { CheckResult } from '../checks/check.js';
import type { Evidence } from '../evidence/evidence.js';
import { figuresOf, type Figures } from '../checks/figures.js';
import { gatherEvidence } from './gather-evidence.js';
import type { OnRunEvent } from './run-events.js';
import type { RunInput, RunPorts } from './run-input.js';
import { ExperimentRun } from './experiment-run.js';
import { awaitSteadyState, CannotRunError } from './steady-state.js';
import type { Second } from '../evidence/tally.js';
import { planSteps } from '../timeline/timeline.js';

export interface RunResult {
  readonly evidence: Evidence;
  readonly figures: Figures;
  readonly checks: readonly CheckResult[];
  readonly seconds: readonly Second[];
  /** The faults that were undone at the end. */
  readonly healed: readonly string[];
}

/** @throws CannotRunError where nothing can be said: it could not begin, or was stopped by hand */
export async function runExperiment(
  input: RunInput,
  ports: RunPorts,
  signal: AbortSignal,
  onEvent: OnRunEvent,
): Promise<RunResult> {
  const { experiment, requests } = input;
  const steps = planSteps(experiment.timeline, ports.system);
  onEvent({ kind: 'phase', phase: 'steady' });
  const workers = await awaitSteadyState(ports.http, experiment.steady, signal);
  await requireReadable(ports.store);
  onEvent({ kind: 'phase', phase: 'model' });
  const texts = [...new Set(requests.flatMap((request) => request.texts))];
  const bareModel = await ports.askBareModel(texts, workers, signal);

  const stage = new ExperimentRun(input, ports, onEvent);
  try {
    const healed = await runAndHeal(stage, steps, signal);
    await stage.drain(signal);
    stage.enterPhase('check');
    throwIfStopped(signal);
    const evidence = await gatherEvidence(stage, bareModel, signal);
    return {
      evidence,
      figures: figuresOf(evidence),
      checks: runChecks(evidence),
      seconds: stage.tally.seconds(),
      healed,
    };
  } finally {
    await stage.close();
  }
}

async function runAndHeal(
  stage: ExperimentRun,
  steps: Parameters<ExperimentRun['runLoadAndTimeline']>[0],
  signal: AbortSignal,
): Promise<readonly string[]> {
  let healed: readonly string[];
  try {
    await stage.runLoadAndTimeline(steps, signal);
  } finally {
    healed = await stage.heal();
  }
  throwIfStopped(signal);
  return healed;
}

/** Without the books nothing could be compared in the end. */
async function requireReadable(store: ReadableStore): Promise<void> {
  try {
    await store.readMany(['none']);
  } catch (error) {
    throw new CannotRunError(`DynamoDB cannot be read: ${messageOf(error)}`);
  }
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new CannotRunError('stopped by hand; what it broke is healed');
}
