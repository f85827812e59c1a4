import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { startFakeCoordinator, type FakeCoordinator } from '../support/fake-coordinator.js';
import { echo, startFakeWorker } from '../support/fake-worker.js';
import { ask, invoke } from '../support/invoke.js';

let coordinator: FakeCoordinator | undefined;
afterEach(() => coordinator?.stop());

/** A model that waits until it is let go. */
function gatedModel() {
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const started: string[] = [];
  const run = async (inputs: readonly string[]) => {
    started.push(...inputs);
    await gate;
    return echo(inputs);
  };
  return { run, started, open: () => open() };
}

describe('a worker that is asked to stop', () => {
  it('tells that it drains, finishes what runs and waits, then closes', async () => {
    coordinator = await startFakeCoordinator();
    const { beats } = coordinator;
    const model = gatedModel();
    const worker = await startFakeWorker({ coordinatorUrl: coordinator.url, run: model.run });
    const replies = [invoke(worker.url, ['running']), invoke(worker.url, ['waiting'])];
    await eventually(async () => {
      const { body } = await ask(worker.url, '/healthz');
      return (body as { inFlight: number }).inFlight === 2;
    });

    const stopped = worker.stop();
    await eventually(() => beats.at(-1)?.heartbeat.state === 'draining');
    expect((await ask(worker.url, '/healthz')).body).toMatchObject({ state: 'draining', inFlight: 2 });
    model.open();
    expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 200]);
    await stopped;
    await expect(ask(worker.url, '/healthz')).rejects.toThrow('ECONNREFUSED');
  });

  it('drops hung and late invokes', async () => {
    const worker = await startFakeWorker({ faults: 'hang=0.5,late=0.5' });
    const announced: string[] = [];
    const replies = Array.from({ length: 8 }, () =>
      invoke(worker.url, ['x'], { announced }).catch(() => 'dropped'),
    );
    await eventually(() => announced.length === 8);
    await worker.stop();
    expect(new Set(await Promise.all(replies))).toEqual(new Set(['dropped']));
  });

  it('gives up on what does not finish in time', async () => {
    const model = gatedModel();
    const worker = await startFakeWorker({ run: model.run, drainMs: 50 });
    const reply = invoke(worker.url, ['stuck']).catch(() => 'dropped');
    await eventually(() => model.started.length === 1);
    await worker.stop();
    expect(await reply).toBe('dropped');
    model.open();
  });
});
