/** A delivery ends once, whatever comes after its end. */
import { describe, expect, it, vi } from 'vitest';
import { InvariantViolatedError } from '../../../contracts/common/invariant.js';
import { useCoordinators } from '../../support/coordinators.js';
import { eventually } from '../../support/eventually.js';
import {
  answer,
  fail,
  gate,
  refuse,
  success,
  succeedAll,
  type Script,
} from '../../support/fake-functions.js';
import type { RunningCoordinator } from '../../support/running-coordinator.js';

const { start, forget } = useCoordinators();

const PATIENT = { invokeTimeoutMs: 60_000, visibilityTimeoutMs: 2500 };

/** Counts what is recorded of ended deliveries: log lines, statistics and metrics. */
function watchEnds({ coordinator, log }: RunningCoordinator) {
  const count = vi.spyOn(coordinator.stats, 'count');
  const measured = vi.spyOn(coordinator.measures, 'recordDelivery');
  return () => ({
    logged: log.filter(({ event }) => event === 'delivery.ended').map(({ fields }) => fields['outcome']),
    counted: count.mock.calls.map(([name]) => name).filter((name) => name.startsWith('deliveries.')),
    measured: measured.mock.calls.map(([outcome]) => outcome),
  });
}

/** Stops as far as a process would that exits right after: what is open then may still be answered. */
async function giveUp(running: RunningCoordinator): Promise<void> {
  forget(running);
  await running.coordinator.finish(50);
  await running.coordinator.release();
}

describe('a delivery that was released', () => {
  it('ends once, though the answer comes after that and is stored', async () => {
    const { script, release } = gate();
    const running = await start({ script, options: PATIENT });
    const ends = watchEnds(running);
    const [taskId = ''] = await running.accept({ texts: ['slow'] });
    await eventually(() => running.functions.invokes.length === 1);
    await giveUp(running);
    expect(running.stored(taskId).history).toMatchObject([{ outcome: 'released' }]);
    release();
    await eventually(() => running.stored(taskId).status === 'succeeded');
    await running.coordinator.finish(1000);
    expect(ends()).toEqual({
      logged: ['released'],
      counted: ['deliveries.released'],
      measured: ['released'],
    });
    expect(running.stored(taskId).history).toMatchObject([{ outcome: 'succeeded' }]);
    await running.stop(0);
  });

  it('ends once, though the store took the release only with the answer', async () => {
    const { script, release } = gate();
    const running = await start({ script, options: PATIENT });
    const ends = watchEnds(running);
    const [taskId = ''] = await running.accept({ texts: ['slow'] });
    await eventually(() => running.functions.invokes.length === 1);
    running.batches.failures.plan('replace', 'effect-lost');
    await giveUp(running);
    expect(ends().logged).toEqual([]);
    release();
    await eventually(() => running.stored(taskId).status === 'succeeded');
    await running.coordinator.finish(1000);
    expect(ends().logged).toEqual(['succeeded']);
    expect(ends().counted).toEqual(['deliveries.succeeded']);
    await running.stop(0);
  });

  it('starts no further invoke', async () => {
    const held = gate();
    const script: Script = (invoke, nth, call) =>
      invoke.request.delivery < 3 ? fail() : held.script(invoke, nth, call);
    const running = await start({ script, workers: 1, options: { ...PATIENT, workerSlots: 1 } });
    const taskIds = await running.accept({ texts: ['a', 'b', 'c'] });
    const alone = () => running.functions.invokes.filter(({ request }) => request.delivery === 3);
    await eventually(() => alone().length === 1);
    await giveUp(running);
    held.release();
    await eventually(() => taskIds.some((taskId) => running.stored(taskId).status === 'succeeded'));
    await running.coordinator.finish(1000);
    expect(alone()).toHaveLength(1);
    await running.stop(0);
  });

  it('tries no other worker where the first refuses after that', async () => {
    const { script, release } = gate((invoke) =>
      invoke.workerId === 'worker-1' ? refuse() : succeedAll(invoke),
    );
    const running = await start({ script, workers: 2, options: PATIENT });
    const [taskId = ''] = await running.accept({ texts: ['slow'] });
    await eventually(() => running.functions.invokes.length === 1);
    await giveUp(running);
    release();
    await running.coordinator.finish(1000);
    expect(running.functions.invokes).toHaveLength(1);
    expect(running.stored(taskId).history).toMatchObject([{ outcome: 'released' }]);
    await running.stop(0);
  });

  it('stays one that was given back where a late answer leaves tasks open', async () => {
    const { script, release } = gate((invoke) => {
      const [first] = invoke.request.tasks;
      return answer(invoke.workerId, first === undefined ? [] : [success(first.taskId, first.text)]);
    });
    const running = await start({ script, options: PATIENT });
    const taskIds = await running.accept({ texts: ['answered', 'forgotten'] });
    await eventually(() => running.functions.invokes.length === 1);
    await giveUp(running);
    release();
    await eventually(() => running.stored(taskIds[0] ?? '').status === 'succeeded');
    await running.coordinator.finish(1000);
    const [delivery] = [...running.batches.items.values()].flatMap(({ deliveries }) =>
      Object.values(deliveries),
    );
    expect(delivery?.returnedBy).toBe('backoff');
    expect(running.queue.visibilityChanges.map(({ seconds }) => seconds)).toEqual([0]);
    await running.stop(0);
  });

  it('was not tried to the end, though the time of its invoke is up after that', async () => {
    const { script, release } = gate();
    const running = await start({ script, options: { invokeTimeoutMs: 400, visibilityTimeoutMs: 2500 } });
    const [taskId = ''] = await running.accept({ texts: ['slow'] });
    await eventually(() => running.functions.invokes.length === 1);
    await giveUp(running);
    await running.coordinator.finish(5000);
    expect(running.stored(taskId).history).toMatchObject([{ outcome: 'released' }]);
    release();
    await eventually(() => running.stored(taskId).status === 'succeeded');
    await running.stop(0);
  });
});

describe('a delivery whose last commit is under way when it is released', () => {
  it('is given back only after that, and ends once', async () => {
    const running = await start({ script: () => fail(), options: PATIENT });
    const ends = watchEnds(running);
    const order: string[] = [];
    const replace = running.batches.replace.bind(running.batches);
    let letThrough: () => void = () => undefined;
    const mayWrite = new Promise<void>((resolve) => (letThrough = resolve));
    let isWriting = false;
    running.batches.replace = async (before, next) => {
      isWriting = true;
      await mayWrite;
      const result = await replace(before, next);
      order.push('written');
      return result;
    };
    const changeVisibility = running.queue.changeVisibility.bind(running.queue);
    running.queue.changeVisibility = (...given) => {
      order.push('given back');
      return changeVisibility(...given);
    };
    await running.accept({ texts: ['failing'] });
    await eventually(() => isWriting);
    forget(running);
    await running.coordinator.finish(10);
    const released = running.coordinator.release();
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    letThrough();
    await released;
    expect(order).toEqual(['written', 'given back']);
    expect(ends().logged).toEqual(['failed']);
    await running.stop(0);
  });
});

describe('a batch that is opened while its coordinator stops', () => {
  it('is given back, and nothing of it is invoked', async () => {
    const running = await start({ script: () => fail(), options: PATIENT });
    const read = running.batches.read.bind(running.batches);
    let letThrough: () => void = () => undefined;
    const mayRead = new Promise<void>((resolve) => (letThrough = resolve));
    let isReading = false;
    running.batches.read = async (id) => {
      isReading = true;
      await mayRead;
      return read(id);
    };
    await running.accept({ texts: ['failing'] }); // whose second receive reads it
    await eventually(() => isReading);
    await giveUp(running);
    letThrough();
    await running.coordinator.finish(1000);
    expect(running.functions.invokes).toHaveLength(1);
    expect(running.queue.visibilityChanges.map(({ seconds }) => seconds)).toEqual([0, 0]);
    await running.stop(0);
  });
});

describe('a delivery that violates an invariant', () => {
  it('ends, which is logged as an error, and its message returns by its timeout', async () => {
    const running = await start({ options: { visibilityTimeoutMs: 1000 } });
    vi.spyOn(running.coordinator.registry, 'occupy').mockImplementationOnce(() => {
      throw new InvariantViolatedError('planned');
    });
    const [task] = await running.classify(['again']);
    expect(task?.history.map(({ outcome }) => outcome)).toEqual(['lost', 'succeeded']);
    expect(running.log.filter(({ event }) => event === 'invariant.violated')).toHaveLength(1);
    expect(running.coordinator.registry.freeSlots()).toBe(6);
  });
});
