/** Sends what was planned and follows each request to its end. Says what happens; who draws it is another's business. */
import { setMaxListeners } from 'node:events';
import { startClosedLoop } from '../load/closed-loop.js';
import { startOpenLoop, systemLoadClock, type RunningLoad } from '../load/open-loop.js';
import { lagOf, startLagMeter, type GeneratorLag } from './generator-lag.js';
import type { LoadPlan } from './plan.js';
import { hasEnded, type PlannedRequest, type RequestRecord } from './record.js';
import { live, type LifeOptions } from './request-life.js';
import { Tally } from './tally.js';
import { TimeLimits } from './time-limit.js';

export interface LoadOptions extends Omit<LifeOptions, 'now' | 'limits'> {
  /** Begins the id of every request. */
  readonly runId: string;
  /** Requests under way at once; beyond them none is sent. */
  readonly inFlight: number;
  /** How long what is under way is waited for once the load is stopped by hand. */
  readonly graceMs: number;
}

export interface LoadWatcher {
  /** `nowMs`: since the start of the load. */
  readonly onStart: (tally: Tally, now: () => number) => void;
  readonly onEnd: (record: RequestRecord) => void;
}

export interface FinishedLoad {
  readonly plan: LoadPlan;
  readonly records: readonly RequestRecord[];
  readonly tally: Tally;
  /** How long it was meant to last; longer where its clients were late, shorter where it was stopped. */
  readonly loadMs: number;
  /** Until the last request ended. */
  readonly elapsedMs: number;
  readonly stopped: boolean;
  readonly lag: GeneratorLag;
}

export async function runLoad(
  plan: LoadPlan,
  options: LoadOptions,
  stop: AbortSignal,
  watcher: LoadWatcher,
): Promise<FinishedLoad> {
  setMaxListeners(0, stop); // each client of a closed loop is one
  const desk = new RequestDesk(options, watcher);
  const stopping = watchStop(desk, options.graceMs, stop);
  const lagMeter = startLagMeter();
  if (plan.kind === 'paced') for (const { atMs = 0 } of plan.requests) desk.tally.offered(atMs);
  watcher.onStart(desk.tally, desk.now);
  await start(plan, desk, stop).allSent;
  const loadMs = stopping.atMs() ?? desk.lastedMs(plan.durationMs);
  if (plan.kind === 'paced' && stop.aborted) {
    for (const { atMs = 0 } of plan.requests) if (atMs > loadMs) desk.tally.withdrawn(atMs);
  }
  await desk.settled();
  stopping.end();
  const isOpenLoop = plan.kind === 'paced' && plan.clients === undefined;
  return {
    plan,
    records: desk.records,
    tally: desk.tally,
    loadMs,
    elapsedMs: desk.records.filter(hasEnded).reduce((last, { endedAtMs }) => Math.max(last, endedAtMs), 0),
    stopped: stop.aborted,
    lag: lagOf(lagMeter.stop(), isOpenLoop ? desk.records : []),
  };
}

function start(plan: LoadPlan, desk: RequestDesk, signal: AbortSignal): RunningLoad {
  if (plan.kind === 'unpaced') {
    const { clients, next, durationMs, count = Infinity } = plan;
    let taken = 0;
    const nextInTime = () => (taken++ < count && desk.now() < durationMs ? next() : undefined);
    const send = (request: PlannedRequest, plannedAtMs: number) => {
      desk.tally.offered(desk.sinceStart(plannedAtMs));
      return desk.send(request, plannedAtMs);
    };
    return startClosedLoop({ clients, next: nextInTime, plannedAt: () => undefined, send, signal });
  }
  const { requests, clients } = plan;
  if (clients === undefined) {
    const timed = requests.map((request) => ({ ...request, atMs: request.atMs ?? 0 }));
    const send = (request: PlannedRequest, plannedAtMs: number) => void desk.send(request, plannedAtMs);
    return startOpenLoop({ requests: timed, send, signal });
  }
  let taken = 0;
  const send = (request: PlannedRequest, plannedAtMs: number) => desk.send(request, plannedAtMs);
  return startClosedLoop({
    clients,
    next: () => requests[taken++],
    plannedAt: ({ atMs }) => atMs,
    send,
    signal,
  });
}

/** What is under way when the load is stopped gets so long. */
function watchStop(desk: RequestDesk, graceMs: number, stop: AbortSignal) {
  let timer: NodeJS.Timeout | undefined;
  let stoppedAtMs: number | undefined;
  const begin = (): void => {
    stoppedAtMs = desk.now();
    timer = setTimeout(() => desk.giveUp(), graceMs);
  };
  if (stop.aborted) begin();
  stop.addEventListener('abort', begin);
  return {
    atMs: () => stoppedAtMs,
    end: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', begin);
    },
  };
}

class RequestDesk {
  readonly records: RequestRecord[] = [];
  readonly tally = new Tally();
  readonly #options: LoadOptions;
  readonly #watcher: LoadWatcher;
  readonly #startedAtMs = systemLoadClock.now();
  readonly #running = new Set<Promise<void>>();
  readonly #limits = new TimeLimits();

  constructor(options: LoadOptions, watcher: LoadWatcher) {
    this.#options = options;
    this.#watcher = watcher;
  }

  readonly now = (): number => this.sinceStart(systemLoadClock.now());

  sinceStart(onClockMs: number): number {
    return onClockMs - this.#startedAtMs;
  }

  async send({ index, texts }: PlannedRequest, plannedOnClockMs: number): Promise<void> {
    const plannedAtMs = this.sinceStart(plannedOnClockMs);
    const requestId = `${this.#options.runId}-${index + 1}`;
    const record: RequestRecord = { index, requestId, texts, plannedAtMs, tasks: [] };
    this.records.push(record);
    if (this.#running.size >= this.#options.inFlight) {
      this.#end(Object.assign(record, { outcome: 'dropped' as const, endedAtMs: this.now() }));
      return;
    }
    const options = { ...this.#options, now: this.now, limits: this.#limits };
    const life = live(record, options).then(() => {
      this.#running.delete(life);
      this.#end(record);
    });
    this.tally.wasSent(record);
    this.#running.add(life);
    await life;
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** As long as it was to last, or until the last request went out. */
  lastedMs(plannedMs: number): number {
    const lastSentMs = this.records.reduce((last, { sentAtMs = 0 }) => Math.max(last, sentAtMs), 0);
    return Math.max(lastSentMs, Number.isFinite(plannedMs) ? plannedMs : 0);
  }

  giveUp(): void {
    this.#limits.stop();
  }

  #end(record: RequestRecord): void {
    if (hasEnded(record)) this.tally.hasEnded(record);
    this.#watcher.onEnd(record);
  }
}
