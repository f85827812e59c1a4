/** Sends what was planned and follows each request to its end. Says what happens; who draws it is another's business. */
import { setMaxListeners } from 'node:events';
import { startClosedLoop } from '../kit/load/closed-loop.js';
import { startOpenLoop, type RunningLoad } from '../kit/load/open-loop.js';
import { lagOf, startLagMeter, type GeneratorLag } from './generator-lag.js';
import type { LoadPlan } from './plan.js';
import { hasEnded, type PlannedRequest, type RequestRecord } from './record.js';
import { RequestTracker, type LoadOptions, type LoadListener } from './request-tracker.js';
import type { Tally } from './tally.js';

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
  watcher: LoadListener,
): Promise<FinishedLoad> {
  setMaxListeners(0, stop); // each client of a closed loop is one
  const tracker = new RequestTracker(options, watcher);
  const stopping = watchStop(tracker, options.graceMs, stop);
  const lagMeter = startLagMeter();
  if (plan.kind === 'paced') for (const { atMs = 0 } of plan.requests) tracker.tally.recordOffered(atMs);
  watcher.onStart(tracker.tally, tracker.now);
  await start(plan, tracker, stop).allSent;
  const loadMs = stopping.atMs() ?? tracker.lastedMs(plan.durationMs);
  if (plan.kind === 'paced' && stop.aborted) {
    for (const { atMs = 0 } of plan.requests) if (atMs > loadMs) tracker.tally.recordWithdrawn(atMs);
  }
  await tracker.settled();
  stopping.end();
  const isOpenLoop = plan.kind === 'paced' && plan.clients === undefined;
  return {
    plan,
    records: tracker.records,
    tally: tracker.tally,
    loadMs,
    elapsedMs: tracker.records.filter(hasEnded).reduce((last, { endedAtMs }) => Math.max(last, endedAtMs), 0),
    stopped: stop.aborted,
    lag: lagOf(lagMeter.stop(), isOpenLoop ? tracker.records : []),
  };
}

function start(plan: LoadPlan, tracker: RequestTracker, signal: AbortSignal): RunningLoad {
  if (plan.kind === 'unpaced') {
    const { clients, next, durationMs, count = Infinity } = plan;
    let taken = 0;
    const nextInTime = () => (taken++ < count && tracker.now() < durationMs ? next() : undefined);
    const send = (request: PlannedRequest, plannedAtMs: number) => {
      tracker.tally.recordOffered(tracker.sinceStart(plannedAtMs));
      return tracker.send(request, plannedAtMs);
    };
    return startClosedLoop({ clients, next: nextInTime, plannedAt: () => undefined, send, signal });
  }
  const { requests, clients } = plan;
  if (clients === undefined) {
    const timed = requests.map((request) => ({ ...request, atMs: request.atMs ?? 0 }));
    const send = (request: PlannedRequest, plannedAtMs: number) => void tracker.send(request, plannedAtMs);
    return startOpenLoop({ requests: timed, send, signal });
  }
  let taken = 0;
  const send = (request: PlannedRequest, plannedAtMs: number) => tracker.send(request, plannedAtMs);
  return startClosedLoop({
    clients,
    next: () => requests[taken++],
    plannedAt: ({ atMs }) => atMs,
    send,
    signal,
  });
}

/** Gives the requests under way `graceMs` when the load is stopped. */
function watchStop(tracker: RequestTracker, graceMs: number, stop: AbortSignal) {
  let timer: NodeJS.Timeout | undefined;
  let stoppedAtMs: number | undefined;
  const begin = (): void => {
    stoppedAtMs = tracker.now();
    timer = setTimeout(() => tracker.giveUp(), graceMs);
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
