/** A worker that fails faster than others answer always has a free slot: it must not draw the work to itself. */
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { fail, succeedAll, type Script } from '../../support/fake-functions.js';
import { startHttpCoordinator } from '../../support/http-coordinator.js';
import { useCoordinators } from '../../support/coordinators.js';
import type { RunningCoordinator } from '../../support/running-coordinator.js';

const { start } = useCoordinators();

const TEXTS = 300;
const ONE_TEXT_A_BATCH = { batch: { maxTasks: 1, maxBytes: 200_000, maxTokens: 100_000, windowMs: 0 } };

const slowly: Script = async (invoke) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return succeedAll(invoke);
};
const broken = new Set<string>();
const script: Script = (invoke, nth, invokeCall) =>
  broken.has(invoke.workerId) ? fail() : slowly(invoke, nth, invokeCall);

const invokesOf = ({ functions }: RunningCoordinator, id: string) =>
  functions.invokes.filter(({ workerId }) => workerId === id).length;

async function classifyMany({ classify }: RunningCoordinator) {
  const requested = Array.from({ length: TEXTS }, (_, index) => classify([`text ${index}`], 20_000));
  return (await Promise.all(requested)).flat();
}

describe('a worker that fails at once', () => {
  it('gets few of the invokes, every task succeeds, and it is back soon after it is mended', async () => {
    broken.add('worker-2');
    const coordinator = await start({ script, options: ONE_TEXT_A_BATCH });
    for (const id of ['worker-1', 'worker-2', 'worker-3']) coordinator.functions.healthy.add(id);
    const tasks = await classifyMany(coordinator);
    expect(tasks.every(({ status }) => status === 'succeeded')).toBe(true);
    expect(Math.max(...tasks.map(({ deliveries }) => deliveries))).toBeLessThanOrEqual(3);
    // A third would be its share; a busy machine gives it a trial more now and then.
    expect(invokesOf(coordinator, 'worker-2')).toBeLessThan(TEXTS / 10);
    expect(coordinator.log.map(({ event }) => event)).toContain('worker.ejected');

    broken.clear();
    const before = invokesOf(coordinator, 'worker-2');
    await eventually(async () => {
      await coordinator.classify(['are you there?']);
      return coordinator.log.some(({ event }) => event === 'worker.readmitted');
    });
    await classifyMany(coordinator);
    expect(invokesOf(coordinator, 'worker-2') - before).toBeGreaterThan(TEXTS / 5);
  });

  it('keeps what it has where all the others fail too', async () => {
    for (const id of ['worker-1', 'worker-2', 'worker-3']) broken.add(id);
    const coordinator = await start({ script, options: ONE_TEXT_A_BATCH });
    const requested = coordinator.classify(
      Array.from({ length: 60 }, (_, index) => `text ${index}`),
      20_000,
    );
    await eventually(() => coordinator.functions.invokes.length > 100);
    expect(coordinator.coordinator.registry.upCount()).toBeGreaterThanOrEqual(2);
    broken.clear();
    expect((await requested).every(({ status }) => status === 'succeeded')).toBe(true);
  });

  it('is not what a worker is that met one poisonous text', async () => {
    const poisoned: Script = (invoke, nth, invokeCall) =>
      invoke.request.tasks.some(({ text }) => text === 'poison') ? fail() : slowly(invoke, nth, invokeCall);
    const coordinator = await start({ script: poisoned, options: ONE_TEXT_A_BATCH });
    const [taskId = ''] = await coordinator.accept({ text: 'poison' });
    await eventually(() => coordinator.stored(taskId).deliveries >= 4);
    expect(coordinator.log.map(({ event }) => event)).not.toContain('worker.ejected');
  });

  it('is shown among the workers, with the reason and until when', async () => {
    broken.add('worker-2');
    const coordinator = await startHttpCoordinator({ script, options: ONE_TEXT_A_BATCH });
    try {
      await Promise.all(
        Array.from({ length: 40 }, (_, index) => coordinator.post({ text: `text ${index}` })),
      );
      await eventually(async () => {
        const { body } = await coordinator.call('/workers');
        expect(body).toMatchObject({
          workers: [
            { id: 'worker-1', state: 'up' },
            {
              id: 'worker-2',
              state: 'suspect',
              reason: 'ejected',
              ejectedUntil: expect.stringMatching(/^\d{4}-.*Z$/) as string,
            },
            { id: 'worker-3', state: 'up' },
          ],
        });
      });
    } finally {
      await coordinator.stop();
      broken.clear();
    }
  });
});
