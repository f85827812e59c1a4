/** The promises of the product end to end: coordinators on this stack, functions that fail on purpose. */
import { describe, expect, it } from 'vitest';
import type { InvokeOutcome } from '../../contracts/worker/invoke.js';
import { useStack } from '../support/any-stack.js';
import { eventually } from '../support/eventually.js';
import {
  answer,
  fail,
  gate,
  hang,
  refuse,
  scoreOf,
  succeedAll,
  success,
  type Script,
} from '../support/fake-functions.js';
import { note } from '../support/stack-checks.js';
import { useStackCoordinators } from '../support/stack-coordinators.js';

const stack = useStack();
const { memoryStack: newMemoryStack, start, forget } = useStackCoordinators(stack);

/** Invokes that a test holds up do not count as lost. */
const PATIENT = { invokeTimeoutMs: 20_000 };

const textsOf = (count: number, word = 'text') =>
  Array.from({ length: count }, (_, index) => `${word} ${index}`);

const failed = (taskId: string): InvokeOutcome => ({
  taskId,
  status: 'failed',
  code: 'planned',
  message: 'planned',
  retryable: true,
});

/** Five of every eleven invokes come to grief, each in a way of its own. */
const faulty: Script = (invoke, nth, invokeCall) => {
  switch (nth % 11) {
    case 1:
      return fail();
    case 3:
      return refuse();
    case 5:
      return hang(invokeCall);
    case 7:
      return answer(
        invoke.workerId,
        invoke.request.tasks.map(({ taskId, text }, index) =>
          index % 3 === 0 ? failed(taskId) : success(taskId, text),
        ),
      );
    case 9:
      return new Promise((resolve) => setTimeout(() => resolve(succeedAll(invoke)), 1200));
    default:
      return succeedAll(invoke);
  }
};

describe('every accepted task comes back, once', () => {
  it('though functions fail, refuse, hang, answer in part, and answer late', async (context) => {
    const coordinator = await start(await newMemoryStack(20), { script: faulty });
    const texts = textsOf(160);
    const startedAtMs = performance.now();
    const accepted = await Promise.all(
      Array.from({ length: 20 }, (_, at) => coordinator.accept({ texts: texts.slice(at * 8, at * 8 + 8) })),
    );
    const taskIds = accepted.flat();
    const tasks = await coordinator.finished(taskIds, 40_000);
    note(context, `${texts.length} tasks in ${Math.round(performance.now() - startedAtMs)} ms`);
    expect(tasks.map(({ text, status, score }) => ({ text, status, score }))).toEqual(
      texts.map((text) => ({ text, status: 'succeeded', score: scoreOf(text) })),
    );
    await coordinator.isQuiet();
    await eventually(() => expect(coordinator.terminalTaskIds().sort()).toEqual([...taskIds].sort()));
    const stored = await Promise.all(taskIds.map(coordinator.stored));
    expect(stored.map(({ status, score }) => ({ status, score }))).toEqual(
      tasks.map(({ status, score }) => ({ status, score })),
    );
  });

  it('where two coordinators share the queue, whoever took the work', async () => {
    const memoryStack = await newMemoryStack();
    const { script, release } = gate();
    const setup = {
      script,
      options: { ...PATIENT, batch: { maxTasks: 1, maxBytes: 200_000, maxTokens: 100_000, windowMs: 0 } },
    };
    const [one, other] = await Promise.all([start(memoryStack, setup), start(memoryStack, setup)]);
    const [ofOne, ofOther] = await Promise.all([
      Promise.all(textsOf(20, 'one').map((text) => one.accept({ text }))),
      Promise.all(textsOf(20, 'other').map((text) => other.accept({ text }))),
    ]);
    await eventually(() => one.functions.invokes.length > 0 && other.functions.invokes.length > 0);
    release();
    const tasks = [
      ...(await one.finished(ofOne.flat(), 20_000)),
      ...(await other.finished(ofOther.flat(), 20_000)),
    ];
    expect(tasks.every(({ text, score }) => score === scoreOf(text))).toBe(true);
    await one.isQuiet();
    const taskIds = [...ofOne, ...ofOther].flat();
    await eventually(() =>
      expect([...one.terminalTaskIds(), ...other.terminalTaskIds()].sort()).toEqual(taskIds.sort()),
    );
  });

  it('where the coordinator that accepted it has stopped', async () => {
    const memoryStack = await newMemoryStack();
    const first = await start(memoryStack, { workers: 0 });
    const taskIds = await first.accept({ texts: textsOf(5) });
    await first.stop(0);
    forget(first);
    const second = await start(memoryStack);
    const tasks = await second.finished(taskIds, 20_000);
    expect(tasks.map(({ status }) => status)).toEqual(Array(5).fill('succeeded'));
    await second.isQuiet();
  });
});

describe('the first answer wins', () => {
  it('and a later one is shown as late, and changes nothing', async () => {
    const { script: late, release } = gate();
    const script: Script = (invoke, nth, invokeCall) =>
      nth === 1 ? late(invoke, nth, invokeCall) : succeedAll(invoke);
    const coordinator = await start(await newMemoryStack(), { script });
    const [taskId = ''] = await coordinator.accept({ text: 'brains' });
    const [task] = await coordinator.finished([taskId], 20_000);
    expect(task).toMatchObject({ status: 'succeeded', deliveries: 2 });
    release();
    const stored = await eventually(async () => {
      const view = await coordinator.stored(taskId);
      expect(view.history[0]?.outcome).toBe('late');
      return view;
    });
    expect(stored).toMatchObject({ status: 'succeeded', workerId: task?.workerId, timings: task?.timings });
    await coordinator.isQuiet();
  });
});

describe('dead letters', () => {
  it('are the tasks that nothing can answer, and nothing else; what was redriven comes back', async () => {
    let isPoisonous = true;
    const script: Script = (invoke) =>
      isPoisonous && invoke.request.tasks.some(({ text }) => text === 'poison') ? fail() : succeedAll(invoke);
    const coordinator = await start(await newMemoryStack(3, 1000), { script });
    const taskIds = await coordinator.accept({ texts: ['good', 'poison', 'fine'] });
    const tasks = await coordinator.finished(taskIds, 40_000);
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'failed', 'succeeded']);
    await eventually(async () => {
      expect(await coordinator.ports.queue.deadLetters.depth()).toEqual({
        visible: 0,
        inFlight: 0,
        delayed: 0,
      });
    });
    isPoisonous = false;
    const never = new AbortController().signal;
    const { redriven } = await coordinator.coordinator.redrive({}, 'request-2', never);
    expect(redriven.map(({ taskId }) => taskId)).toEqual([taskIds[1]]);
    const [again] = await coordinator.finished(
      redriven.map(({ redrivenAs }) => redrivenAs),
      20_000,
    );
    expect(again).toMatchObject({ text: 'poison', status: 'succeeded', redriveOf: taskIds[1] });
    expect((await coordinator.stored(taskIds[1] ?? '')).status).toBe('failed');
    await coordinator.isQuiet();
  });
});

describe('the same key', () => {
  it('is the same task, whichever of two coordinators is asked; with another text it is refused', async () => {
    const memoryStack = await newMemoryStack();
    const [one, other] = await Promise.all([start(memoryStack), start(memoryStack)]);
    const requested = await Promise.all(
      [one, other, one, other, one, other].map((coordinator) => coordinator.accept({ text: 'once' }, 'key')),
    );
    expect(new Set(requested.flat()).size).toBe(1);
    await expect(other.accept({ text: 'another' }, 'key')).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
    const [task] = await other.finished(requested[0] ?? [], 20_000);
    expect(task?.status).toBe('succeeded');
    await one.isQuiet();
  });
});

describe('cancelling', () => {
  it('holds, though the work is taken up afterwards by another coordinator', async () => {
    const memoryStack = await newMemoryStack();
    const idle = await start(memoryStack, { workers: 0 });
    const taskIds = await idle.accept({ texts: ['stay', 'go'] });
    await idle.cancel(taskIds[1] ?? '');
    const busy = await start(memoryStack);
    const tasks = await busy.finished(taskIds, 20_000);
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'cancelled']);
    await busy.isQuiet();
  });
});

describe('deadlines', () => {
  it('end a task that nobody takes up', async () => {
    const coordinator = await start(await newMemoryStack(), { workers: 0 });
    const taskIds = await coordinator.accept({ texts: ['a', 'b'], deadlineMs: 300 });
    const tasks = await coordinator.finished(taskIds, 10_000);
    expect(tasks.map(({ status }) => status)).toEqual(['expired', 'expired']);
    expect((await coordinator.stored(taskIds[0] ?? '')).status).toBe('expired');
  });
});
