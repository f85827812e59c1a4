/** A whole run on a system that answers well, or not. */
import { describe, expect, it } from 'vitest';
import type { BatchDocument } from '../../../../contracts/batch/batch.js';
import { planLoad } from '../../../../tools/chaos/load/plan-load.js';
import { readExperiment } from '../../../../tools/chaos/definition/read-experiment.js';
import type { RunInput, RunPorts } from '../../../../tools/chaos/experiment/run-input.js';
import { runExperiment, type RunResult } from '../../../../tools/chaos/experiment/run.js';
import type { RunEvent } from '../../../../tools/chaos/experiment/run-events.js';
import { CannotRunError } from '../../../../tools/chaos/experiment/steady-state.js';
import { verdictOf } from '../../../../tools/chaos/checks/verdict.js';
import { finished, sampleBatch } from '../../../support/sample-batch.js';
import { fakeHttp, json, type Respond } from '../support/fake-http.js';
import { fakeSystem, type FakeSystem } from '../support/fake-system.js';

const GOOD = { label: 'POSITIVE', score: 0.9987654321 };
const WORKERS = { workers: [{ id: 'worker-1', state: 'up', model: 'bundled', faults: 'none' }] };

/** A coordinator that accepts all and has it answered before it says so; what is overridden it answers otherwise. */
function serving(override: Respond = () => new Error('not overridden'), startedAtMs = Date.now()) {
  const batches = new Map<string, BatchDocument>();
  const http = fakeHttp((request, turn) => {
    const other = override(request, turn);
    if (!(other instanceof Error && other.message === 'not overridden')) return other;
    if (request.path === '/readyz') return json(200, { status: 'ready' });
    if (request.path === '/workers') return json(200, WORKERS);
    if (request.method === 'GET')
      return json(200, { taskId: request.path.replace('/tasks/', ''), status: 'succeeded', ...GOOD });
    const { text } = JSON.parse(request.body ?? '{}') as { text: string };
    const requestId = request.headers?.['x-request-id'] ?? '';
    const known = [...batches.values()].find(({ inputs }) => inputs[0]?.requestId === requestId);
    const createdAtMs = Date.now();
    const open = sampleBatch({
      createdAtMs,
      inputs: [{ text, requestId, acceptedAtMs: createdAtMs }],
      tasks: [{ status: 'open', failedAlone: 0 }],
    });
    const batch = known ?? finished(open);
    batches.set(batch.id, batch);
    return json(200, { taskId: `${batch.id}-0`, status: 'succeeded', ...GOOD });
  });
  const store = {
    readMany: (ids: readonly string[]) => Promise.resolve(ids.flatMap((id) => batches.get(id) ?? [])),
    listByTime: () =>
      Promise.resolve({
        entries: [...batches.values()].map(({ id, createdAtMs }) => ({ id, atMs: createdAtMs })),
        more: false,
      }),
  };
  return { http, store, batches, startedAtMs };
}

interface Setup {
  readonly load?: string;
  readonly yaml?: string;
  readonly system?: FakeSystem;
  readonly ports?: Partial<RunPorts>;
}

const SHORT = '{ rate: 50, for: 600ms, keyed: 0.5 }';
const LONG = '{ rate: 50, for: 1500ms, keyed: 0.5 }';

function inputOf(load: string, yaml: string): RunInput {
  const text = `name: one\ndescription: x\nload: ${load}\ndrain: 2s\n${yaml}`;
  const experiment = readExperiment('one.yaml', text);
  return { experiment, requests: planLoad(experiment.load, ['good', 'fine']), runId: 'run' };
}

async function run(
  { load = SHORT, yaml = '', system = fakeSystem(), ports = {} }: Setup,
  stop = new AbortController(),
) {
  const events: RunEvent[] = [];
  const { http, store } = serving();
  const askBareModel = (texts: readonly string[]) =>
    Promise.resolve(new Map(texts.map((text) => [text, GOOD])));
  const running = runExperiment(
    inputOf(load, yaml),
    { system, http, store, askBareModel, ...ports },
    stop.signal,
    (event) => {
      events.push(event);
    },
  );
  const result = await running
    .then((found): RunResult | Error => found)
    .catch((error: unknown) => error as Error);
  return {
    result,
    events,
    system,
    phases: () => events.flatMap((event) => (event.kind === 'phase' ? [event.phase] : [])),
  };
}

/** Why it could not run. */
function reasonOf(result: RunResult | Error): string {
  return result instanceof Error ? result.message : 'it ran';
}

const TIMELINE = 'timeline:\n  - { at: 300ms, do: pause worker-1 }\n';

describe('a run', () => {
  it('goes from steady state to checks, and heals', async () => {
    const { result, system, phases, events } = await run({ load: LONG, yaml: TIMELINE });
    if (result instanceof Error) throw result;
    expect(phases()).toEqual(['steady', 'model', 'load', 'heal', 'drain', 'check']);
    expect(verdictOf(result.checks)).toEqual({ outcome: 'held' });
    expect(system.actions).toEqual(['pause worker-1', 'heal']);
    expect(result.healed).toEqual(['worker-1 resumed']);
    expect(result.figures).toMatchObject({ requests: inputOf(LONG, '').requests.length, lost: 0 });
    expect(result.evidence.marks[0]?.overAtMs).toBeGreaterThan(0);
    expect(events.some((event) => event.kind === 'second' && event.second.active.length === 1)).toBe(true);
  });

  it('finds out that a task is lost', async () => {
    let areBooksRead = false;
    const isLost = (id: string) => id === [...batches.keys()][0];
    const { http, store, batches } = serving(({ method, path }) =>
      areBooksRead && method === 'GET' && isLost(/tasks\/(.*)-\d+$/.exec(path)?.[1] ?? '')
        ? json(404, { code: 'not_found' })
        : new Error('not overridden'),
    );
    const forgetful = {
      ...store,
      readMany: (ids: readonly string[]) => {
        areBooksRead ||= ids.length > 1;
        return store.readMany(ids.filter((id) => !isLost(id)));
      },
    };
    const { result } = await run({ ports: { http, store: forgetful } });
    if (result instanceof Error) throw result;
    expect(verdictOf(result.checks)).toMatchObject({
      outcome: 'broken',
      reason: expect.stringContaining('1 lost') as string,
    });
  });

  it('calls nothing lost while the coordinator still writes back what an emptied table held', async () => {
    let untold = 0;
    let areBooksRead = false;
    const { http, store } = serving(({ method, path }) => {
      const isOfTask = method === 'GET' && path.startsWith('/tasks/');
      if (!isOfTask || !areBooksRead || untold === 2) return new Error('not overridden');
      untold += 1;
      return json(503, { code: 'stack_unavailable' });
    });
    const emptied = {
      ...store,
      readMany: (ids: readonly string[]) => {
        areBooksRead ||= ids.length > 1;
        return untold < 2 ? Promise.resolve([]) : store.readMany(ids);
      },
    };
    const { result } = await run({ ports: { http, store: emptied } });
    if (result instanceof Error) throw result;
    expect(untold).toBe(2);
    expect(verdictOf(result.checks)).toEqual({ outcome: 'held' });
  });

  it('calls nothing lost that is written back between two looks at the books', async () => {
    const back = new Set<string>();
    let areBooksRead = false;
    const { http, store } = serving(({ method, path }) => {
      const batchId = /^\/tasks\/(.*)-\d+$/.exec(path)?.[1];
      // It is there just before it is asked for.
      if (areBooksRead && method === 'GET' && batchId !== undefined) back.add(batchId);
      return new Error('not overridden');
    });
    const filling = {
      ...store,
      readMany: (ids: readonly string[]) => {
        areBooksRead ||= ids.length > 1;
        return store.readMany(areBooksRead ? ids.filter((id) => back.has(id)) : ids);
      },
    };
    const { result } = await run({ ports: { http, store: filling } });
    if (result instanceof Error) throw result;
    expect(back.size).toBeGreaterThan(20);
    expect(verdictOf(result.checks)).toEqual({ outcome: 'held' });
  });

  it('does not begin where the books cannot be read', async () => {
    const { http, store } = serving();
    const readMany = () => Promise.reject(new Error('no such table'));
    const { result, system } = await run({ yaml: TIMELINE, ports: { http, store: { ...store, readMany } } });
    expect(reasonOf(result)).toContain('DynamoDB cannot be read: no such table');
    expect(system.actions).toEqual([]);
  });

  it('does not begin on a system that is not steady', async () => {
    const { http } = serving(({ path }) =>
      path === '/workers' ? json(200, { workers: [] }) : new Error('not overridden'),
    );
    const { result, system } = await run({ yaml: `steady: { within: 300ms }\n${TIMELINE}`, ports: { http } });
    expect(result).toBeInstanceOf(CannotRunError);
    expect(reasonOf(result)).toContain('0 workers are up where 1 must be');
    expect(system.actions).toEqual([]);
  });

  it('breaks nothing where the load fails before the first fault', async () => {
    const { http, store } = serving(({ method }) =>
      method === 'POST' ? json(503, { code: 'stack_unavailable' }) : new Error('not overridden'),
    );
    const yaml = 'timeline:\n  - { at: 1400ms, do: pause worker-1 }\n';
    const { result, system } = await run({ load: LONG, yaml, ports: { http, store } });
    expect(reasonOf(result)).toMatch(
      /of \d+ requests before the first fault \d+ had come to an end, 0 of them well/,
    );
    expect(system.actions).toEqual(['heal']);
  });

  it('heals and says so when it is stopped by hand', async () => {
    const stop = new AbortController();
    const system = fakeSystem((action) => {
      if (action === 'pause worker-1') stop.abort();
      return undefined;
    });
    const { result } = await run({ yaml: TIMELINE, system }, stop);
    expect(reasonOf(result)).toContain('stopped by hand');
    expect(system.actions).toEqual(['pause worker-1', 'heal']);
  });

  it('heals when a step cannot be done, and could not run', async () => {
    const system = fakeSystem((action) =>
      action === 'pause worker-1' ? new Error('no such process') : undefined,
    );
    const { result } = await run({ yaml: TIMELINE, system });
    expect(result).toBeInstanceOf(CannotRunError);
    expect(reasonOf(result)).toContain('"pause worker-1" could not be done: no such process');
    expect(system.actions.at(-1)).toBe('heal');
  });

  it('is stopped by a stop condition, healed and judged', async () => {
    const { http, store } = serving(({ method }, turn) =>
      method === 'POST' && turn > 30 ? json(503, { code: 'stack_unavailable' }) : new Error('not overridden'),
    );
    const load = '{ rate: 50, for: 20s, keyed: 0 }';
    const yaml = `stop: { successBelow: 0.5, for: 1s }\n${TIMELINE}`;
    const { result, system } = await run({ load, yaml, ports: { http, store } });
    if (result instanceof Error) throw result;
    expect(result.evidence.stopped).toContain('less than 50.0 %');
    expect(verdictOf(result.checks).outcome).toBe('broken');
    expect(system.actions.at(-1)).toBe('heal');
  });

  it('waits no longer for an effect than there is anybody to meet it', async () => {
    const startedAtMs = performance.now();
    const { result } = await run({ yaml: 'timeline:\n  - { at: 100ms, do: fault all poison=x for 1h }\n' });
    expect(result).not.toBeInstanceOf(Error);
    expect(performance.now() - startedAtMs).toBeLessThan(10_000);
  });

  it('says that it could not be healed', async () => {
    const system = fakeSystem((action) =>
      action === 'heal' ? new Error('the supervisor is gone') : undefined,
    );
    const { result } = await run({ yaml: TIMELINE, system });
    expect(reasonOf(result)).toContain('could not be healed: the supervisor is gone');
  });
});
