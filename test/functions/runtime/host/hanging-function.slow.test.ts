/** A worker as its callers see it, whose function does what no function should. */
import { afterEach, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.js';
import { readyUrl, startSentimentProcess, type WorkerProcess } from '../../support/built.js';
import { startFakeCoordinator, type FakeCoordinator } from '../../support/fake-coordinator.js';
import { TOKEN } from '../../support/fake-worker.js';
import { ask, invoke } from '../../support/invoke.js';

const TIMEOUT_MS = 2600;

let coordinator: FakeCoordinator;
let worker: WorkerProcess;
afterEach(async () => {
  worker.child.kill('SIGKILL');
  await coordinator.stop();
});

const outcomesOf = (body: unknown) => (body as { outcomes: unknown[] }).outcomes;

it('a worker whose function loops says so, answers for it, answers the others, and stops promptly', async () => {
  coordinator = await startFakeCoordinator();
  worker = startSentimentProcess({
    COORDINATOR_URL: coordinator.url,
    WORKER_TOKEN: TOKEN,
    FAULTS: 'loop=LOOP',
    FUNCTION_TIMEOUT_MS: String(TIMEOUT_MS),
  });
  const url = await readyUrl(worker);
  const health = () => ask(url, '/healthz');
  const isRunning = () =>
    eventually(async () => ((await health()).body as { inFlight: number }).inFlight === 1);
  expect(await health()).toMatchObject({ status: 200, body: { status: 'ok' } });

  const looping = invoke(url, ['LOOP', 'its neighbor']);
  await isRunning();
  const innocent = invoke(url, ['I love this']);
  await eventually(async () => (await health()).status === 503);
  expect((await health()).body).toMatchObject({ status: 'unresponsive' });
  await eventually(() => coordinator.beats.some(({ heartbeat }) => (heartbeat.unresponsiveMs ?? 0) > 2000));

  const message = `the function gave no answer within ${TIMEOUT_MS} ms`;
  const failed = { status: 'failed', code: 'function_timed_out', message, retryable: true };
  expect(outcomesOf((await looping).body)).toMatchObject([failed, failed]);
  expect(outcomesOf((await innocent).body)).toMatchObject([{ status: 'succeeded', label: 'POSITIVE' }]);
  expect(await health()).toMatchObject({ status: 200, body: { status: 'ok', served: 1, failed: 2 } });
  const line = /^.*function\.run_failed.*$/m.exec(worker.output())?.[0] ?? '{}';
  expect(JSON.parse(line)).toMatchObject({
    batchId: 'batch',
    delivery: 2,
    code: failed.code,
    message,
    tasks: 2,
  });

  const gone = new AbortController();
  const abandoned = invoke(url, ['LOOP'], { signal: gone.signal }).catch(() => 'gone');
  await isRunning();
  gone.abort();
  expect(await abandoned).toBe('gone');
  const startedAtMs = performance.now();
  worker.child.kill('SIGTERM');
  expect(await worker.exited).toEqual([0, null]);
  expect(performance.now() - startedAtMs).toBeLessThan(TIMEOUT_MS);
});

it('a function does not outlive its worker, though it loops', async () => {
  coordinator = await startFakeCoordinator();
  worker = startSentimentProcess({ COORDINATOR_URL: coordinator.url, FAULTS: 'loop=LOOP' });
  const lost = invoke(await readyUrl(worker), ['LOOP']).catch(() => 'lost');
  await eventually(() => worker.output().includes('"kind":"loop"'));
  worker.child.kill('SIGKILL');
  expect(await lost).toBe('lost');
  await worker.exited;
  await eventually(() => worker.child.stdout?.readableEnded === true); // the function holds it as long as it lives
});
