import { describe, expect, it } from 'vitest';
import type { FunctionRun } from '../../../../functions/runtime/host/function-module.js';
import { InvokeRunner, type InvokeJob } from '../../../../functions/runtime/worker/invoke-runner.js';

/** A host whose runs end when the test says so. */
class ManualHost {
  readonly listsAtOnce: number;
  readonly inputs: (readonly string[])[] = [];
  readonly #ends: (() => void)[] = [];

  constructor(listsAtOnce = 1) {
    this.listsAtOnce = listsAtOnce;
  }

  run(inputs: readonly string[]): Promise<FunctionRun> {
    this.inputs.push(inputs);
    return new Promise((resolve) => this.#ends.push(() => resolve(answerTo(inputs))));
  }

  async endOldest(): Promise<void> {
    this.#ends.shift()?.();
    await settled();
  }
}

const answerTo = (inputs: readonly string[]): FunctionRun => ({
  outcomes: inputs.map((text) => ({ status: 'succeeded', label: text, score: 1, tokens: 1 })),
  tokenizeMs: 1,
  computeMs: 2,
});
const hostThat = (run: (inputs: readonly string[]) => Promise<FunctionRun>) => ({ run, listsAtOnce: 1 });
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const job = (...texts: string[]): InvokeJob => ({
  tasks: texts.map((text) => ({ taskId: text, text })),
  isAbandoned: () => false,
  elapsedMs: () => 0,
});

describe('InvokeRunner', () => {
  it('runs one job at a time, in order of arrival', async () => {
    const host = new ManualHost();
    const runner = new InvokeRunner(host, { now: () => 0 });
    const results = Promise.all([runner.run(job('a')), runner.run(job('b', 'c')), runner.run(job('d'))]);
    await settled();
    expect(host.inputs).toEqual([['a']]);
    await host.endOldest();
    expect(host.inputs).toEqual([['a'], ['b', 'c']]);
    await host.endOldest();
    await host.endOldest();
    expect((await results).map((result) => result?.outcomes.length)).toEqual([1, 2, 1]);
  });

  it('runs as many jobs at a time as the function takes', async () => {
    const host = new ManualHost(2);
    const runner = new InvokeRunner(host, { now: () => 0 });
    const results = Promise.all(['a', 'b', 'c', 'd'].map((text) => runner.run(job(text))));
    await settled();
    expect(host.inputs).toEqual([['a'], ['b']]);
    await host.endOldest();
    expect(host.inputs).toEqual([['a'], ['b'], ['c']]);
    for (let left = 3; left > 0; left--) await host.endOldest();
    expect((await results).map((result) => result?.outcomes[0]?.taskId)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('looks at deadlines just before the model, and keeps the order of the tasks', async () => {
    const host = new ManualHost();
    let nowMs = 1000;
    const runner = new InvokeRunner(host, { now: () => nowMs });
    const first = runner.run(job('first'));
    const second = runner.run({
      tasks: [
        { taskId: '1', text: 'too late', deadlineAt: new Date(2000).toISOString() },
        { taskId: '2', text: 'in time', deadlineAt: new Date(4000).toISOString() },
        { taskId: '3', text: 'in no hurry' },
      ],
      isAbandoned: () => false,
      elapsedMs: () => 0,
    });
    await settled();
    nowMs = 3000;
    await host.endOldest();
    await host.endOldest();
    await first;
    expect(host.inputs).toEqual([['first'], ['in time', 'in no hurry']]);
    expect((await second)?.outcomes).toMatchObject([
      { taskId: '1', status: 'expired' },
      { taskId: '2', status: 'succeeded', label: 'in time' },
      { taskId: '3', status: 'succeeded', label: 'in no hurry' },
    ]);
  });

  it('counts down the time that is left from the arrival, whatever the wall clocks say', async () => {
    const host = hostThat((inputs) => Promise.resolve(answerTo(inputs)));
    const runner = new InvokeRunner(host, { now: () => 100_000 });
    const deadlineAt = new Date(0).toISOString();
    const result = await runner.run({
      ...job(),
      tasks: [
        { taskId: '1', text: 'in time', timeLeftMs: 60, deadlineAt },
        { taskId: '2', text: 'too late', timeLeftMs: 50 },
      ],
      elapsedMs: () => 50,
    });
    expect(result?.outcomes.map(({ status }) => status)).toEqual(['succeeded', 'expired']);
  });

  it('does not bother the model where all is expired', async () => {
    const host = new ManualHost();
    const tasks = [{ taskId: '1', text: 'x', deadlineAt: new Date(0).toISOString() }];
    const result = await new InvokeRunner(host, { now: () => 1 }).run({ ...job(), tasks });
    expect(result).toEqual({ outcomes: [{ taskId: '1', status: 'expired' }], tokenizeMs: 0, computeMs: 0 });
    expect(host.inputs).toEqual([]);
  });

  it('skips a job that nobody waits for any more', async () => {
    const host = new ManualHost();
    const runner = new InvokeRunner(host, { now: () => 0 });
    expect(await runner.run({ ...job('gone'), isAbandoned: () => true })).toBeUndefined();
    expect(host.inputs).toEqual([]);
  });

  it('fails the tasks of an injected partial failure and runs the others', async () => {
    const runner = new InvokeRunner(
      hostThat((inputs) => Promise.resolve(answerTo(inputs))),
      { now: () => 0 },
    );
    const result = await runner.run({ ...job('a', 'b'), failingTaskIds: new Set(['a']) });
    expect(result?.outcomes).toMatchObject([
      { taskId: 'a', status: 'failed', code: 'injected_partial', retryable: true },
      { taskId: 'b', status: 'succeeded' },
    ]);
  });

  it('turns a run that fails into failed tasks, and goes on', async () => {
    let calls = 0;
    const run = (inputs: readonly string[]): Promise<FunctionRun> => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('no memory')) : Promise.resolve(answerTo(inputs));
    };
    const runner = new InvokeRunner(hostThat(run), { now: () => 0 });
    const [failed, fine] = await Promise.all([runner.run(job('a')), runner.run(job('b'))]);
    expect(failed?.outcomes).toEqual([
      { taskId: 'a', status: 'failed', code: 'function_failed', message: 'no memory', retryable: true },
    ]);
    expect(fine?.outcomes).toMatchObject([{ status: 'succeeded' }]);
  });

  it('fails all where the function answered fewer than it was asked: whose answer is missing?', async () => {
    const run = (): Promise<FunctionRun> => Promise.resolve({ ...answerTo(['a']), tokenizeMs: 0 });
    const result = await new InvokeRunner(hostThat(run), { now: () => 0 }).run(job('a', 'b'));
    expect(result?.outcomes).toMatchObject([
      { taskId: 'a', status: 'failed', code: 'invalid_output' },
      { taskId: 'b', status: 'failed', code: 'invalid_output' },
    ]);
  });

  it('tells once an invoke what the function did wrong', async () => {
    const bad = { status: 'succeeded', label: 'x', score: 12, tokens: 1 } as const;
    const run = (inputs: readonly string[]): Promise<FunctionRun> =>
      Promise.resolve({ ...answerTo(inputs), outcomes: inputs.map(() => bad) });
    const logged: unknown[] = [];
    const onFailure: InvokeJob['onFailure'] = ({ code, message }, tasks) =>
      logged.push([code, message, tasks]);
    await new InvokeRunner(hostThat(run), { now: () => 0 }).run({ ...job('a', 'b'), onFailure });
    expect(logged).toEqual([['invalid_output', 'score: expected a number from 0 to 1, got 12', 2]]);
  });
});
