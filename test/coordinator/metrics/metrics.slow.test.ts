import { afterEach, describe, expect, it } from 'vitest';
import { InvokeFailedError } from '../../../contracts/errors/errors.js';
import { CHANCE_KINDS } from '../../../contracts/worker/faults.js';
import { createMetrics } from '../../../coordinator/metrics/metrics.js';
import { eventually } from '../../support/eventually.js';
import { answer, fail, succeedAll, success, type Script } from '../../support/fake-functions.js';
import {
  startHttpCoordinator,
  type HttpCoordinator,
  type HttpSetup,
} from '../../support/http-coordinator.js';
import { parseMetrics, valueOf } from '../../support/metrics.js';
import { heartbeatOf } from '../../support/running-coordinator.js';
import { systemClock } from '../../support/run-coordinator.js';

let coordinator: HttpCoordinator | undefined;
const start = async (setup: HttpSetup = {}) => (coordinator = await startHttpCoordinator(setup));
afterEach(async () => {
  await coordinator?.stop();
  coordinator = undefined;
});

async function scrape({ call }: HttpCoordinator) {
  const { status, headers, body } = await call('/metrics');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = parseMetrics(String(body));
  return (name: string, labels?: Record<string, string>) => valueOf(samples, name, labels);
}

/** The outcome of an invoke that meets a fault of that kind, where it is not answered. */
const ENDS_IN: Readonly<Record<string, string>> = {
  error: 'http_500',
  crash: 'connection_lost',
  poison: 'connection_lost',
  drop: 'connection_lost',
  garbage: 'broken_answer',
  hang: 'invoke_timeout',
};

describe('GET /metrics', () => {
  it('measures the way of a task', async () => {
    const running = await start({
      script: ({ workerId, request }) => ({
        ...answer(
          workerId,
          request.tasks.map(({ taskId, text }) => success(taskId, text)),
        ),
        timings: { tokenizeMs: 1, computeMs: 40, totalMs: 50, tokens: 30, paddedTokens: 36 },
      }),
    });
    const before = await scrape(running);
    expect(before('boomerang_end_to_end_seconds_count')).toBe(0);
    await running.post({ texts: ['one', 'two', 'three'] });
    await eventually(async () => {
      const value = await scrape(running);
      expect(value('boomerang_tasks_accepted_total')).toBe(3);
      expect(value('boomerang_tasks_finished_total', { status: 'succeeded' })).toBe(3);
      expect(value('boomerang_end_to_end_seconds_count', { status: 'succeeded' })).toBe(3);
      expect(value('boomerang_end_to_end_seconds_sum', { status: 'succeeded' })).toBeGreaterThan(0);
      expect(value('boomerang_queue_wait_seconds_count')).toBe(3);
      expect(value('boomerang_batch_tasks_sum')).toBe(3);
      expect(value('boomerang_batch_tasks_count')).toBe(1);
      expect(value('boomerang_batch_tasks_bucket', { le: '2' })).toBe(0);
      expect(value('boomerang_batch_tasks_bucket', { le: '4' })).toBe(1);
      expect(value('boomerang_compute_seconds_sum')).toBeCloseTo(0.04);
      expect(value('boomerang_compute_seconds_bucket', { le: '0.025' })).toBe(0);
      expect(value('boomerang_compute_seconds_bucket', { le: '0.05' })).toBe(1);
      expect(value('boomerang_compute_seconds_bucket', { le: '+Inf' })).toBe(1);
      expect(value('boomerang_model_tokens_total', { kind: 'real' })).toBe(30);
      expect(value('boomerang_model_tokens_total', { kind: 'padding' })).toBe(6);
      expect(value('boomerang_deliveries_total', { outcome: 'succeeded', fault: 'none' })).toBe(1);
      expect(value('boomerang_outstanding_tasks')).toBe(0);
    });
  });

  it('goes on counting from one second to the next', async () => {
    const running = await start();
    const { statistics } = running;
    await running.post({ text: 'first' });
    await eventually(() => statistics.rows.some(({ counts }) => counts['accepted'] === 1));
    await running.post({ text: 'second' });
    expect((await scrape(running))('boomerang_tasks_accepted_total')).toBe(2);
  });

  it.each([...CHANCE_KINDS, 'delay', 'poison'])('shows an injected %s', async (kind) => {
    const script: Script = (invoke, nth, invokeCall) => {
      if (nth > 1) return succeedAll(invoke);
      invokeCall.onFault(kind);
      const code = ENDS_IN[kind];
      if (code === undefined) return succeedAll(invoke);
      throw new InvokeFailedError(code, 'planned');
    };
    const running = await start({ script });
    await running.post({ text: 'unlucky' });
    const outcome = kind in ENDS_IN ? 'failed' : 'succeeded';
    await eventually(async () => {
      const value = await scrape(running);
      expect(value('boomerang_faults_injected_total', { fault: kind })).toBe(1);
      expect(value('boomerang_deliveries_total', { outcome, fault: kind })).toBe(1);
    });
  });

  it('shows both faults of an invoke that meets two, and in the history the one that explains its end', async () => {
    const running = await start({
      script: (invoke, nth, invokeCall) => {
        if (nth > 1) return succeedAll(invoke);
        invokeCall.onFault('error');
        invokeCall.onFault('delay');
        return fail();
      },
    });
    const { body } = await running.post({ text: 'twice unlucky' });
    const { taskId } = body as { readonly taskId: string };
    expect(await running.call(`/tasks/${taskId}`)).toMatchObject({
      body: { history: [{ fault: 'error' }, {}] },
    });
    const value = await scrape(running);
    expect(value('boomerang_faults_injected_total', { fault: 'error' })).toBe(1);
    expect(value('boomerang_faults_injected_total', { fault: 'delay' })).toBe(1);
    expect(value('boomerang_task_retries_total')).toBe(1);
  });

  it('shows workers, their slots and what they injected', async () => {
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const running = await start({
      workers: 2,
      script: async (invoke) => {
        await held;
        return succeedAll(invoke);
      },
    });
    const beat = { ...heartbeatOf('worker-9'), state: 'draining' as const, injected: { crash: 4 } };
    await running.coordinator.heartbeats.beat('worker-9', beat);
    const waiting = running.post({ text: 'held' });
    await eventually(async () => {
      const value = await scrape(running);
      expect(value('boomerang_worker_slots', { state: 'taken' })).toBe(1);
      expect(value('boomerang_worker_slots', { state: 'free' })).toBe(3);
      expect(value('boomerang_workers', { state: 'up' })).toBe(2);
      expect(value('boomerang_workers', { state: 'draining' })).toBe(1);
      expect(value('boomerang_worker_faults_injected_total', { worker: 'worker-9', fault: 'crash' })).toBe(4);
      expect(value('boomerang_outstanding_tasks')).toBe(1);
    });
    release();
    await waiting;
  });

  it('shows the queue, and leaves it out while the stack does not answer', async () => {
    const running = await start({ workers: 0 });
    await running.post({ texts: ['a', 'b'] }, { prefer: 'respond-async' });
    await eventually(async () => {
      const value = await scrape(running);
      expect(value('boomerang_stack_up')).toBe(1);
      expect(value('boomerang_queue_messages_visible')).toBe(1);
      expect(value('boomerang_queue_messages_in_flight')).toBe(0);
      expect(value('boomerang_dead_letter_messages')).toBe(0);
      expect(value('boomerang_oldest_queued_seconds')).toBeGreaterThan(0);
    });
    running.queue.failures.plan('depth', ...Array.from({ length: 100 }, () => 'effect-lost' as const));
    await eventually(async () => {
      const value = await scrape(running);
      expect(value('boomerang_stack_up')).toBe(0);
      expect(value('boomerang_queue_messages_visible')).toBeUndefined();
      expect(value('boomerang_oldest_queued_seconds')).toBeUndefined();
      expect(value('boomerang_tasks_accepted_total')).toBe(2);
    });
  });

  it('asks the stack at most once a second, however often it is scraped', async () => {
    const running = await start();
    await scrape(running);
    const reads = running.queue.depthReads;
    await Promise.all(Array.from({ length: 20 }, () => scrape(running)));
    expect(running.queue.depthReads - reads).toBeLessThanOrEqual(1);
  });

  it('counts calls to the stack and their errors', async () => {
    const running = await start();
    running.sdkCalls.called('PutItem', 3, undefined);
    running.sdkCalls.called('PutItem', 700, 'TimeoutError');
    const call = { service: 'sqs', action: 'SendMessage', resource: 'queue/batches' };
    const refusal = { ...call, kind: 'access_denied', error: 'AccessDenied' } as const;
    running.sdkCalls.called('SendMessage', 3, 'AccessDenied', call, refusal);
    const value = await scrape(running);
    expect(value('boomerang_access_denied_total', { ...call, error: 'AccessDenied' })).toBe(1);
    expect(value('boomerang_sdk_call_duration_seconds_count', { operation: 'PutItem' })).toBe(2);
    expect(value('boomerang_sdk_call_duration_seconds_bucket', { operation: 'PutItem', le: '0.005' })).toBe(
      1,
    );
    expect(value('boomerang_sdk_errors_total', { operation: 'PutItem', error: 'TimeoutError' })).toBe(1);
  });

  it('asks for the key where one is set', async () => {
    const { call } = await start({ apiKey: 'open sesame' });
    expect((await call('/metrics')).status).toBe(401);
    expect((await call('/metrics', { headers: { authorization: 'Bearer open sesame' } })).status).toBe(200);
  });

  it('has those of the process too, in a registry of its own', async () => {
    const { queue, batches, coordinator: core, sdkCalls } = await start();
    const parts = { clock: systemClock, queue, batches, coordinator: core, sdkCalls, ofProcess: true };
    const samples = parseMetrics(await createMetrics(parts, { visibilityTimeoutMs: 1000 }).render());
    expect(valueOf(samples, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(valueOf(samples, 'process_resident_memory_bytes')).toBeGreaterThan(0);
    expect(valueOf(samples, 'nodejs_eventloop_lag_p99_seconds')).toBeDefined();
  });
});
