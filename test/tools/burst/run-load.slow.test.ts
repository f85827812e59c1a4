import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { CoordinatorClient, InferReply } from '../../../tools/burst/coordinator-client.js';
import type { SeenTask } from '../../../tools/kit/load/infer.js';
import { LiveView } from '../../../tools/burst/live-view.js';
import { createPaint } from '../../../tools/burst/paint.js';
import { planLoad } from '../../../tools/burst/plan.js';
import type { LoadOptions } from '../../../tools/burst/request-tracker.js';
import { runLoad, type FinishedLoad } from '../../../tools/burst/run-load.js';
import { readFlags } from '../../../tools/burst/settings.js';
import { summarize } from '../../../tools/burst/summarize.js';
import type { Summary } from '../../../tools/burst/summary-schema.js';
import { eventually } from '../../support/eventually.js';
import { succeeded } from './support/fake-coordinator.js';

const FLAGS = {
  url: 'http://127.0.0.1:1',
  iOwnThis: false,
  arrivals: 'constant',
  seed: 1,
  inFlight: 1000,
  texts: 1,
  check: false,
  timeout: '5s',
  follow: '2s',
  keys: false,
  async: false,
};

type Infer = (requestId: string, signal: AbortSignal) => Promise<InferReply> | InferReply;

function coordinatorOf(
  infer: Infer,
  task: (taskId: string) => SeenTask | undefined = () => undefined,
): CoordinatorClient {
  return {
    infer: async ({ requestId }, signal) => infer(requestId, signal),
    task: (taskId) => Promise.resolve(task(taskId)),
    checkReadiness: () => Promise.resolve({ kind: 'ready' }),
    close: () => Promise.resolve(),
  };
}

const answered = (requestId: string, more: object = {}): InferReply => ({
  kind: 'tasks',
  tasks: [succeeded(requestId, more) as SeenTask],
});

interface Run {
  readonly load: FinishedLoad;
  readonly summary: Summary;
}

async function run(
  flags: object,
  coordinator: CoordinatorClient,
  {
    stop = new AbortController().signal,
    ...more
  }: Partial<LoadOptions> & { readonly stop?: AbortSignal } = {},
): Promise<Run> {
  const settings = readFlags({ ...FLAGS, ...flags });
  const plan = planLoad(settings, [{ text: 'Good.', expected: 'POSITIVE' }]);
  const options: LoadOptions = {
    coordinator,
    timeoutMs: settings.timeout,
    followMs: settings.follow,
    deadlineMs: undefined,
    keyed: false,
    async: settings.async,
    check: settings.check,
    runId: 'run',
    inFlight: settings.inFlight,
    graceMs: 50,
    ...more,
  };
  const load = await runLoad(plan, options, stop, { onStart: () => undefined, onEnd: () => undefined });
  const startedAt = new Date();
  return { load, summary: summarize({ load, settings, textsFrom: 'a test', startedAt }) };
}

/** Answers at once, but for a stall, from the first call on, in which nobody gets an answer. */
function stalling(stallMs: number): CoordinatorClient {
  let stall: Promise<void> | undefined;
  return coordinatorOf(async (requestId) => {
    stall ??= new Promise((resolve) => setTimeout(resolve, stallMs));
    await stall;
    return answered(requestId);
  });
}

describe('a stall of the system', () => {
  it('shows in an open loop, in the corrected and the raw latencies of all who came in it', async () => {
    const { summary } = await run({ rate: 100, duration: '400ms' }, stalling(300));
    const { corrected, raw } = summary.latencyMs;
    expect(corrected.count).toBe(40);
    expect(corrected.max).toBeGreaterThan(290);
    // 30 of the 40 came while it lasted, evenly: the median has waited a third of it at least.
    expect(corrected.p50).toBeGreaterThan(80);
    // Only the first of the raw ones is sure: a busy machine sends the others late.
    expect(raw.max).toBeGreaterThan(290);
  });

  it('is hidden from the raw latencies of a closed loop, and shows in the corrected ones', async () => {
    const { summary } = await run({ rate: 100, duration: '400ms', closed: 1 }, stalling(300));
    const { corrected, raw } = summary.latencyMs;
    expect(corrected.count).toBe(40);
    expect(raw.max).toBeGreaterThan(290);
    expect(raw.p95).toBeLessThan(50);
    expect(corrected.p50).toBeGreaterThan(80);
    expect(corrected.max).toBeGreaterThan(290);
  });
});

describe('the figures of a run', () => {
  it('tell outcomes apart', async () => {
    const replies: Readonly<Record<string, InferReply>> = {
      'run-2': answered('run-2', { deliveries: 3, workerId: 'worker-10' }),
      'run-3': answered('run-3', { label: 'NEGATIVE', workerId: 'worker-2' }),
      'run-4': { kind: 'rejected', problem: '429 overloaded' },
      'run-5': { kind: 'rejected', problem: '430 overloaded' },
      'run-6': { kind: 'connection', problem: 'socket hang up' },
      'run-7': { kind: 'tasks', tasks: [{ taskId: 'x', status: 'expired', deliveries: 2 }] },
    };
    const { summary } = await run(
      { rate: 100, count: 8, check: true },
      coordinatorOf((requestId) => replies[requestId] ?? answered(requestId)),
    );
    expect(summary.outcomes).toMatchObject({
      ok: 2,
      retried: 1,
      wrong: 1,
      rejected: 2,
      connection: 1,
      expired: 1,
      lost: 0,
    });
    expect(summary.errors).toBe(5);
    expect(summary.latencyMs.corrected.count).toBe(5);
    expect(summary.problems).toEqual([
      { problem: '429 overloaded', requests: 2 },
      { problem: 'socket hang up', requests: 1 },
    ]);
    expect(summary.retries).toEqual([
      { retries: 0, tasks: 3 },
      { retries: 1, tasks: 1 },
      { retries: 2, tasks: 1 },
    ]);
    expect(summary.workers.map(({ workerId, tasks, share }) => [workerId, tasks, share])).toEqual([
      ['worker-1', 2, 0.5],
      ['worker-2', 1, 0.25],
      ['worker-10', 1, 0.25],
    ]);
    expect(summary.histogram.reduce((total, { count }) => total + count, 0)).toBe(5);
  });

  it('tell each burst and how long it took to drain', async () => {
    const flags = {
      arrivals: 'bursts',
      rate: 0,
      peak: 200,
      every: '100ms',
      peakFor: '50ms',
      duration: '250ms',
    };
    const { summary } = await run(flags, stalling(220));
    expect(summary.bursts).toHaveLength(2);
    const [first, second] = summary.bursts;
    // Nobody is answered before about 320 ms: the first request comes with the first burst.
    expect(first?.drainMs).toBeGreaterThan(120);
    expect(first?.requests).toBe(first?.ok);
    expect(second?.drainMs).toBeGreaterThan(20);
    expect(second?.drainMs).toBeLessThan(first?.drainMs ?? 0);
  });

  it('say so when this program itself was late', async () => {
    const blocking = coordinatorOf((requestId) => {
      const untilMs = performance.now() + 30;
      while (performance.now() < untilMs) Math.sqrt(2);
      return answered(requestId);
    });
    const { summary } = await run({ rate: 200, count: 20 }, blocking);
    expect(summary.generator.lagged).toBe(true);
    expect(summary.generator.lateP99Ms).toBeGreaterThan(50);
  });

  it('count what was not sent because too much was under way', async () => {
    const { summary } = await run({ rate: 100, count: 10, inFlight: 3 }, stalling(300));
    expect(summary.outcomes).toMatchObject({ dropped: 7, ok: 3 });
    expect(summary.requests).toEqual({ planned: 10, sent: 3, dropped: 7, judged: 10 });
    expect(summary.errors).toBe(7);
  });
});

describe('an accepted task that is not finished', () => {
  const receipt = coordinatorOf.bind(undefined, (requestId: string): InferReply => ({
    kind: 'tasks',
    tasks: [{ taskId: `t-${requestId}`, status: 'queued' }],
  }));

  it('is followed until it is final, and is not called lost', async () => {
    let looks = 0;
    const coordinator = receipt((taskId) => {
      looks += 1;
      if (looks === 1) return undefined; // the coordinator is down
      if (looks === 2) return { taskId, status: 'running' };
      return { taskId, status: 'succeeded', label: 'POSITIVE', deliveries: 4, workerId: 'worker-3' };
    });
    const { summary } = await run({ count: 1 }, coordinator);
    expect(looks).toBe(3);
    expect(summary.outcomes).toMatchObject({ retried: 1, lost: 0 });
    expect(summary.latencyMs.corrected.max).toBeGreaterThan(summary.latencyMs.accepted.max ?? 0);
  });

  it('is asked for after the one before it in its request, so that many are no load of their own', async () => {
    const looks: string[] = [];
    const coordinator: CoordinatorClient = {
      ...coordinatorOf((requestId) => ({
        kind: 'tasks',
        tasks: [0, 1, 2].map((slot) => ({ taskId: `${requestId}-${slot}`, status: 'queued' })),
      })),
      task: (taskId) => {
        looks.push(taskId);
        const status = looks.length < 3 ? ('running' as const) : ('succeeded' as const);
        return Promise.resolve({ taskId, status, label: 'POSITIVE', deliveries: 1 });
      },
    };
    const { summary } = await run({ count: 1, texts: 3 }, coordinator);
    expect(summary.outcomes.ok).toBe(1);
    expect(looks).toEqual(['run-1-0', 'run-1-0', 'run-1-0', 'run-1-1', 'run-1-2']);
  });

  it('is lost when its time is up', async () => {
    const { summary } = await run(
      { count: 1, follow: '120ms' },
      receipt((taskId) => ({ taskId, status: 'queued' })),
    );
    expect(summary.outcomes).toMatchObject({ lost: 1, unfinished: 0 });
    expect(summary.tasks.lost).toBe(1);
  });

  it('is left alone where nobody is to follow it', async () => {
    let looks = 0;
    const coordinator = receipt(() => {
      looks += 1;
      return undefined;
    });
    const { summary } = await run({ count: 2, follow: '0s' }, coordinator);
    expect(summary.outcomes).toMatchObject({ unfinished: 2, lost: 0 });
    expect([summary.errors, looks]).toEqual([0, 0]);
  });
});

describe('a load without a rate', () => {
  it('keeps so many clients busy until its time is over', async () => {
    let underWay = 0;
    let most = 0;
    const coordinator = coordinatorOf(async (requestId) => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setTimeout(resolve, 5));
      underWay -= 1;
      return answered(requestId);
    });
    const { summary } = await run({ arrivals: 'poisson', closed: 3, duration: '150ms' }, coordinator);
    expect(most).toBe(3);
    expect(summary.load).toMatchObject({ loop: 'closed', clients: 3, arrivals: null });
    expect(summary.outcomes.ok).toBeGreaterThan(15);
    expect(summary.outcomes.ok).toBe(summary.requests.sent);
    expect(summary.loadMs).toBeGreaterThanOrEqual(150);
  });

  it('ends with its count', async () => {
    const { summary } = await run(
      { arrivals: 'poisson', closed: 3, count: 10 },
      coordinatorOf((requestId) => answered(requestId)),
    );
    expect(summary.requests.sent).toBe(10);
  });
});

describe('a load that is stopped by hand', () => {
  it('sends no more, waits a moment, and is judged by what came back', async () => {
    const stopping = new AbortController();
    let requested = 0;
    const coordinator = coordinatorOf((requestId, signal) => {
      requested += 1;
      if (requested < 5) return answered(requestId);
      if (requested === 5) stopping.abort();
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ kind: 'stopped', problem: 'stopped by hand' }));
      });
    });
    const { summary, load } = await run({ rate: 100, duration: '60s' }, coordinator, {
      stop: stopping.signal,
    });
    expect(summary).toMatchObject({
      stopped: true,
      outcomes: { ok: 4, stopped: 1, lost: 0 },
      requests: { planned: 6000, sent: 5, judged: 4 },
      errors: 0,
    });
    expect(load.loadMs).toBeLessThan(5000);
    expect(summary.perSecond.offered).toBeLessThan(300);
  });
});

describe('the view of a running load', () => {
  it('draws its block again and again on a terminal, and leaves only lines', async () => {
    let written = '';
    const stop = new AbortController().signal;
    const view = new LiveView(
      { write: (text) => (written += text), isTerminal: true, columns: () => 60 },
      { each: true, quiet: false, durationMs: 300, requests: 30, stop, paint: createPaint(false) },
    );
    const settings = readFlags({ ...FLAGS, rate: 100, duration: '300ms' });
    const plan = planLoad(settings, [{ text: 'Good.' }]);
    const options = {
      coordinator: stalling(200),
      timeoutMs: 5000,
      followMs: 0,
      deadlineMs: undefined,
      keyed: false,
      async: false,
      check: false,
      runId: 'run',
      inFlight: 100,
      graceMs: 50,
    };
    const running = runLoad(plan, options, stop, view);
    await eventually(() => written.includes('of 300 ms') && written.includes('0 ok'));
    await running;
    view.close();
    // Four lines and an empty one above them, taken back each time.
    expect(written.split('\u001b[5A\u001b[J').length).toBeGreaterThan(2);
    const lines = written.split('\n').map(stripVTControlCharacters);
    expect(lines.filter((line) => line.includes('run-'))).toHaveLength(30);
    expect(lines.every((line) => line.length < 60)).toBe(true);
    expect(lines.at(-2)).toContain('run-');
  });
});
