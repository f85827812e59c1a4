import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.js';
import { startFakeCoordinator, type FakeCoordinator } from '../../support/fake-coordinator.js';
import { startFakeWorker, TOKEN, type FakeWorker } from '../../support/fake-worker.js';
import { ask, invoke } from '../../support/invoke.js';

let coordinator: FakeCoordinator | undefined;
let worker: FakeWorker | undefined;
afterEach(async () => {
  await worker?.stop();
  await coordinator?.stop();
  worker = coordinator = undefined;
});

describe('the heartbeat', () => {
  it('tells the coordinator at once, and again, how the worker is', async () => {
    coordinator = await startFakeCoordinator();
    worker = await startFakeWorker({ coordinatorUrl: coordinator.url, faults: 'partial=1' });
    const { beats } = coordinator;
    await eventually(() => beats.length > 0);
    expect(beats[0]).toMatchObject({
      path: '/workers/worker-7/heartbeat',
      authorization: `Bearer ${TOKEN}`,
      heartbeat: {
        address: worker.url,
        state: 'up',
        inFlight: 0,
        served: 0,
        model: 'fake',
        faults: 'partial=1',
      },
    });
    await invoke(worker.url, ['a', 'b']);
    await eventually(() => beats.at(-1)?.heartbeat.served === 1);
    expect(beats.at(-1)?.heartbeat).toMatchObject({ failed: 1, p50Ms: 2, p95Ms: 2 });
  });

  it('gives the address that was configured', async () => {
    coordinator = await startFakeCoordinator();
    const address = 'http://function-2:9000';
    worker = await startFakeWorker({ coordinatorUrl: coordinator.url, config: { address } });
    const { beats } = coordinator;
    await eventually(() => beats[0]?.heartbeat.address === address);
  });

  it('gives up on a coordinator that does not answer, and never has two beats on their way', async () => {
    let open = 0;
    let most = 0;
    coordinator = await startFakeCoordinator((_request, response) => {
      most = Math.max(most, (open += 1));
      response.on('close', () => (open -= 1)); // never answered
    });
    worker = await startFakeWorker({ coordinatorUrl: coordinator.url });
    const { beats } = coordinator;
    await eventually(() => beats.length >= 3);
    expect(most).toBe(1);
    expect((await invoke(worker.url, ['a'])).status).toBe(200);
  });

  it('survives a coordinator that is away, and says so once', async () => {
    coordinator = await startFakeCoordinator();
    worker = await startFakeWorker({ coordinatorUrl: coordinator.url });
    const { beats } = coordinator;
    await eventually(() => beats.length >= 2);
    await coordinator.stop();
    expect((await ask(worker.url, '/healthz')).status).toBe(200);
    const events = worker.logLines;
    await eventually(() => events.length >= 2);
    expect(events.map(({ event }) => event)).toEqual(['heartbeat.accepted', 'heartbeat.send_failed']);
  });

  it('says nothing of a coordinator that stopped just before its worker', async () => {
    coordinator = await startFakeCoordinator();
    worker = await startFakeWorker({ coordinatorUrl: coordinator.url });
    const { beats } = coordinator;
    await eventually(() => beats.length > 0);
    const { logLines } = worker;
    await coordinator.stop();
    await worker.stop();
    worker = undefined;
    expect(logLines.map(({ event }) => event)).toEqual(['heartbeat.accepted']);
  });
});
