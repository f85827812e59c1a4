/** A task that ends a worker is not brought back at once, and goes round alone; what is merely slow is not started over. */
import { describe, expect, it } from 'vitest';
import { InvokeFailedError } from '../../../contracts/errors/errors.js';
import type { TaskId } from '../../../contracts/batch/ids.js';
import { useCoordinators } from '../../support/coordinators.js';
import { eventually } from '../../support/eventually.js';
import {
  answer,
  fail,
  success,
  succeedAll,
  type Script,
  type SeenInvoke,
} from '../../support/fake-functions.js';
import { batchIdOf } from '../../support/run-coordinator.js';
import { heartbeatOf, type RunningCoordinator } from '../../support/running-coordinator.js';

const { start } = useCoordinators();

const VISIBILITY_MS = 1000;
const SHORT = { visibilityTimeoutMs: VISIBILITY_MS, invokeTimeoutMs: 300 };

const die = (): never => {
  throw new InvokeFailedError('connection_lost', 'the process is gone');
};
const holds = ({ request }: SeenInvoke, word: string) => request.tasks.some(({ text }) => text === word);
const textsOf = ({ functions }: RunningCoordinator, delivery: number) =>
  functions.invokes
    .filter(({ request }) => request.delivery === delivery)
    .map(({ request }) => request.tasks.map(({ text }) => text).join());
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** As a worker does that has the batch in hand. */
function beatComputing({ coordinator, beating }: RunningCoordinator, id: string, taskId: TaskId): () => void {
  beating.delete(id);
  const beat = () =>
    void coordinator.heartbeats.beat(id, { ...heartbeatOf(id), computing: [batchIdOf(taskId)] });
  beat();
  const timer = setInterval(beat, 100);
  return () => clearInterval(timer);
}

describe('a batch that ended a worker', () => {
  it('waits for its visibility timeout, back-off or not, and goes round text by text at once', async () => {
    const script: Script = (invoke, nth) => (nth === 1 ? die() : succeedAll(invoke));
    const running = await start({ script, options: { ...SHORT, redelivery: 'backoff' } });
    const tasks = await running.classify(['a', 'b', 'c']);
    expect(tasks.map(({ status, deliveries }) => [status, deliveries])).toEqual([
      ['succeeded', 2],
      ['succeeded', 2],
      ['succeeded', 2],
    ]);
    const [first, second] = tasks[0]?.history ?? [];
    expect(second?.cause).toBe('visibility_timeout');
    const waitedMs = Date.parse(second?.startedAt ?? '') - Date.parse(first?.startedAt ?? '');
    expect(waitedMs).toBeGreaterThan(VISIBILITY_MS * 0.7);
    expect(textsOf(running, 2).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('tries the text that did it twice after all others, and it fails alone', async () => {
    const script: Script = (invoke) => {
      if (holds(invoke, 'bad')) return die();
      return holds(invoke, 'weak') && invoke.request.delivery === 2 ? fail() : succeedAll(invoke);
    };
    const running = await start({ script, options: SHORT });
    const ids = await running.accept({ texts: ['bad', 'weak', 'fine', 'good'] });
    await eventually(() => textsOf(running, 3).includes('bad'));
    expect(textsOf(running, 3)).toEqual(['weak', 'bad']);
    const tasks = await running.finished(ids.slice(1));
    expect(tasks.map(({ status, deliveries }) => [status, deliveries])).toEqual([
      ['succeeded', 3],
      ['succeeded', 2],
      ['succeeded', 2],
    ]);
    expect(running.stored(ids[0] ?? '').status).not.toBe('succeeded');
  });

  it('takes one worker at a time where several did it twice', async () => {
    let atOnce = 0;
    let most = 0;
    const script: Script = async ({ request }) => {
      if (request.delivery < 3) return die();
      most = Math.max(most, (atOnce += 1));
      await later(50);
      atOnce -= 1;
      return die();
    };
    const running = await start({ script, options: SHORT });
    await Promise.all(['x', 'y', 'z'].map((text) => running.accept({ texts: [text] })));
    await eventually(() => textsOf(running, 3).length === 3);
    expect(most).toBe(1);
  });

  it('is known to have hung, though the worker said so only when the time was up', async () => {
    const script: Script = async (invoke) => {
      if (!holds(invoke, 'loop')) return succeedAll(invoke);
      await later(600);
      return answer(
        invoke.workerId,
        invoke.request.tasks.map(({ taskId }) => ({
          taskId,
          status: 'failed',
          code: 'function_timed_out',
          message: 'ended after 600 ms',
          retryable: true,
        })),
      );
    };
    const running = await start({ script, options: SHORT });
    const startedAt = performance.now();
    const ids = await running.accept({ texts: ['one', 'loop', 'two'] });
    const tasks = await running.finished([ids[0] ?? '', ids[2] ?? '']);
    expect(performance.now() - startedAt).toBeLessThan(2 * VISIBILITY_MS);
    for (const task of tasks) {
      expect(task.history.map(({ outcome, error }) => [outcome, error?.code])).toEqual([
        ['failed', 'function_timed_out'],
        ['succeeded', undefined],
      ]);
    }
    expect(textsOf(running, 2).toSorted()).toEqual(['loop', 'one', 'two']);
    const slot = running.batches.items.get(batchIdOf(ids[1] ?? ''))?.tasks[1];
    expect(slot).toMatchObject({ workerDeaths: 1, lastError: { code: 'function_timed_out' } });
  });
});

describe('a function that is merely slow', () => {
  it('is not started over: its message stays away as long as the worker has the batch in hand', async () => {
    const script: Script = async (invoke) => {
      await later(1.7 * VISIBILITY_MS);
      return succeedAll(invoke);
    };
    const running = await start({ script, workers: 1, options: SHORT });
    const [taskId = ''] = await running.accept({ text: 'slow' });
    const stopBeating = beatComputing(running, 'worker-1', taskId);
    try {
      const [task] = await running.finished([taskId]);
      expect(task).toMatchObject({ status: 'succeeded', deliveries: 1, history: [{ outcome: 'succeeded' }] });
      expect(running.functions.invokes).toHaveLength(1);
      await eventually(() => running.queue.messages.length === 0);
    } finally {
      stopBeating();
    }
  });
});

describe('what tasks failed of', () => {
  it('is told of each, in history and log, with what brought each delivery', async () => {
    const failing = (invoke: SeenInvoke) =>
      answer(
        invoke.workerId,
        invoke.request.tasks.map(({ taskId, text }) =>
          text === 'fine'
            ? success(taskId, text)
            : {
                taskId,
                status: 'failed',
                code: `no_${text}`,
                message: `${text} is too much`,
                retryable: true,
              },
        ),
      );
    const running = await start({
      script: (invoke, nth) => (nth === 1 ? failing(invoke) : succeedAll(invoke)),
      options: { redelivery: 'backoff' },
    });
    const ids = await running.accept({ texts: ['fine', 'salt', 'sugar'] });
    const tasks = await running.finished(ids);
    expect(tasks.map(({ history }) => history.map(({ cause, error }) => [cause, error?.code]))).toEqual([
      [['first', undefined]],
      [
        ['first', 'no_salt'],
        ['backoff', undefined],
      ],
      [
        ['first', 'no_sugar'],
        ['backoff', undefined],
      ],
    ]);
    const ended = await eventually(() => {
      const lines = running.log.filter(({ event }) => event === 'delivery.ended');
      return lines.length === 2 && lines;
    });
    expect(ended.map(({ fields }) => fields['cause'])).toEqual(['first', 'backoff']);
    expect(ended[0]?.fields).toMatchObject({
      error: 'no_salt: salt is too much',
      errors: [
        { code: 'no_salt', message: 'salt is too much', tasks: 1, taskIds: [ids[1]] },
        { code: 'no_sugar', message: 'sugar is too much', tasks: 1, taskIds: [ids[2]] },
      ],
    });
  });
});
