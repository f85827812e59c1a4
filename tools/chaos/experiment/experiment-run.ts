/** Runs the load, the clients and the timeline of an experiment together, and samples them each second. */
import { setMaxListeners } from 'node:events';
import { messageOf } from '../../../contracts/common/text.js';
import { startOpenLoop } from '../../kit/load/open-loop.js';
import { SeededRandom } from '../../../infra/process/seeded-random.js';
import { sleep } from '../../../client/sleep.js';
import { createClients, type Clients } from '../load/clients.js';
import type { RunInput, RunPorts } from './run-input.js';
import type { OnRunEvent, Phase } from './run-events.js';
import { createSampler, type Sampler } from './sampler.js';
import { CannotRunError, fetchWorkers } from './steady-state.js';
import { percent, reasonToStop } from './stop-conditions.js';
import { Tally } from '../evidence/tally.js';
import { runTimeline, type Mark, type PlannedStep, type RunningTimeline } from '../timeline/timeline.js';

const SECOND_MS = 1000;
/** A coordinator that does not say more within this time is not waited for: the next second is. */
const WORKERS_TIMEOUT_MS = 500;
const HEAL_ATTEMPTS = 5;
const HEAL_RETRY_MS = 500;

export class ExperimentRun {
  readonly input: RunInput;
  readonly ports: RunPorts;
  readonly clients: Clients;
  readonly tally: Tally;
  /** Epoch milliseconds of the start of the load. */
  startedAtMs = Date.now();
  /** Why it was stopped before its end. */
  stopped: string | undefined;
  readonly #onEvent: OnRunEvent;
  readonly #sampler: Sampler;
  /** Ends clients, and the watch over them. */
  readonly #closing = new AbortController();
  /** Ends load and timeline. */
  readonly #halting = new AbortController();
  #watch: Promise<void> = Promise.resolve();
  #timeline: RunningTimeline | undefined;
  #originMs = performance.now();
  #phase: Phase = 'load';
  #cannotRun: string | undefined;

  constructor(input: RunInput, ports: RunPorts, onEvent: OnRunEvent) {
    this.input = input;
    this.ports = ports;
    this.#onEvent = onEvent;
    setMaxListeners(0, this.#closing.signal); // one for each request under way
    const { load } = input.experiment;
    this.tally = new Tally(input.requests.map(({ atMs }) => atMs));
    this.clients = createClients({
      http: ports.http,
      runId: input.runId,
      waitMs: load.wait,
      now: this.now,
      signal: this.#closing.signal,
      onEvent: (event) => this.tally.count(event),
    });
    this.#sampler = createSampler(ports.store, new SeededRandom(load.seed).fork('samples'), this.now);
  }

  /** Milliseconds since the start of the load. */
  readonly now = (): number => performance.now() - this.#originMs;

  get marks(): readonly Mark[] {
    return this.#timeline?.marks ?? [];
  }

  enterPhase(phase: Phase): void {
    this.#phase = phase;
    this.#onEvent({ kind: 'phase', phase });
  }

  /** Load and timeline, until both are over or a stop condition is met. @throws CannotRunError */
  async runLoadAndTimeline(steps: readonly PlannedStep[], stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, this.#halting.signal]);
    setMaxListeners(0, signal); // one for each step that waits for its time
    const { requests, experiment } = this.input;
    this.enterPhase('load');
    this.#originMs = performance.now();
    this.startedAtMs = Date.now();
    this.#watch = this.#watchSeconds();
    const load = startOpenLoop({ requests, send: (request) => this.clients.send(request), signal });
    await this.#requireSteady(steps, signal);
    const timeline = (this.#timeline = runTimeline(steps, {
      system: this.ports.system,
      random: new SeededRandom(experiment.load.seed).fork('targets'),
      now: this.now,
      signal,
      onChange: (mark) => this.#reportMark(mark),
    }));
    await Promise.all([load.allSent, timeline.begun, sleep(experiment.load.for - this.now(), signal)]);
    // An effect that lasts longer than there is anybody to meet it need not be waited for.
    await Promise.race([timeline.done, this.clients.settled()]);
    if (this.#cannotRun !== undefined) throw new CannotRunError(this.#cannotRun);
  }

  /** @throws CannotRunError where it cannot be healed */
  async heal(): Promise<readonly string[]> {
    this.#halting.abort();
    this.enterPhase('heal');
    await this.#timeline?.done; // nothing must be broken after it was healed
    for (let tries = 1; ; tries += 1) {
      try {
        const what = await this.ports.system.heal();
        for (const mark of this.marks) mark.overAtMs ??= this.now();
        this.#onEvent({ kind: 'healed', what });
        return what;
      } catch (error) {
        if (tries === HEAL_ATTEMPTS) throw new CannotRunError(`it could not be healed: ${messageOf(error)}`);
        await sleep(HEAL_RETRY_MS, this.#closing.signal);
      }
    }
  }

  /** Lets clients follow what they hold, for a while. */
  async drain(stop: AbortSignal): Promise<void> {
    this.enterPhase('drain');
    const settled = new AbortController();
    const waiting = AbortSignal.any([stop, settled.signal]);
    const allIsFinal = this.clients.settled().then(() => settled.abort());
    await sleep(this.input.experiment.drain, waiting);
    this.#closing.abort();
    await Promise.all([allIsFinal, this.#watch]);
  }

  async close(): Promise<void> {
    this.#halting.abort();
    this.#closing.abort();
    await this.#watch;
  }

  /** A system that is ill before anything was broken shows nothing. */
  async #requireSteady(steps: readonly PlannedStep[], signal: AbortSignal): Promise<void> {
    const { steady } = this.input.experiment;
    const firstMs = steps[0]?.atMs ?? 0;
    await sleep(firstMs - this.now(), signal);
    if (signal.aborted) return;
    const { well, ended, all } = this.#countEnded(firstMs - SECOND_MS);
    if (all === 0 || (well >= steady.successRate * ended && ended >= all / 2)) return;
    throw new CannotRunError(
      `the system was not steady: of ${all} requests before the first fault ${ended} had come to an end, ` +
        `${well} of them well; at least half must have ended, and ${percent(steady.successRate)} of those well`,
    );
  }

  /** Counts the requests planned until then. A request that has not ended counts for neither side. */
  #countEnded(untilMs: number) {
    const all = this.clients.records.filter(({ planned }) => planned.atMs < untilMs);
    const ended = all.filter(({ doneAtMs, problem }) => doneAtMs !== undefined || problem !== undefined);
    const well = ended.filter(
      ({ tasks }) => tasks.length > 0 && tasks.every(({ told }) => told?.status === 'succeeded'),
    );
    return { all: all.length, ended: ended.length, well: well.length };
  }

  #reportMark(mark: Mark): void {
    this.#onEvent({ kind: 'mark', mark, atMs: this.now() });
    if (mark.problem === undefined) return;
    this.#cannotRun ??= `"${mark.text}" could not be done: ${mark.problem}`;
    this.#halting.abort();
  }

  async #watchSeconds(): Promise<void> {
    const { signal } = this.#closing;
    for (let second = 0; ; second += 1) {
      await sleep((second + 1) * SECOND_MS - this.now(), signal);
      if (signal.aborted) return;
      void this.#sampler.sample(this.clients.records.flatMap(({ tasks }) => tasks));
      const inTime = sleep(WORKERS_TIMEOUT_MS, signal).then(() => undefined);
      const workers = await Promise.race([fetchWorkers(this.ports.http), inTime]);
      this.#onEvent({ kind: 'second', second: { ...this.tally.second(second), ...this.#state(), workers } });
      this.#checkStopCondition();
    }
  }

  #state() {
    const open = this.clients.records.filter(
      ({ state, doneAtMs }) => state !== 'unknown' && doneAtMs === undefined,
    ).length;
    const active = this.marks.filter(({ overAtMs }) => overAtMs === undefined);
    return { phase: this.#phase, open, active };
  }

  #checkStopCondition(): void {
    if (this.stopped !== undefined || this.#phase !== 'load') return;
    this.stopped = reasonToStop(this.input.experiment.stop, this.tally, this.now());
    if (this.stopped !== undefined) this.#halting.abort();
  }
}
