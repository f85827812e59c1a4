import { describe, expect, it, onTestFinished } from 'vitest';
import { fail, gate, type Script, succeedAll } from '../../support/fake-functions.js';
import { eventually } from '../../support/eventually.js';
import { readEvents } from '../../support/event-reader.js';
import { startHttpCoordinator, type HttpSetup } from '../../support/http-coordinator.js';

async function started(setup: HttpSetup = {}) {
  const coordinator = await startHttpCoordinator(setup);
  onTestFinished(() => coordinator.stop());
  return coordinator;
}

const acceptedId = async (coordinator: Awaited<ReturnType<typeof started>>, text: string) => {
  const { body } = await coordinator.post({ text }, { prefer: 'respond-async' });
  return (body as { tasks: [{ taskId: string }] }).tasks[0].taskId;
};
const statusIs = (status: string) => (task: { status: string }) => task.status === status;

describe('GET /tasks/:id/events', () => {
  it('tells at once what the task is, each change as it comes, and ends with the final state', async () => {
    const { script, release } = gate();
    const coordinator = await started({ script, workers: 0, options: { invokeTimeoutMs: 20_000 } });
    const taskId = await acceptedId(coordinator, 'a long way');
    const stream = await readEvents(`${coordinator.url}/tasks/${taskId}/events`);
    expect(stream.status).toBe(200);
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    await stream.next('task', statusIs('queued'));
    coordinator.beating.add('worker-1');
    await stream.next('task', statusIs('running'));
    release();
    expect(await stream.end()).toBe('by the server');
    const statuses = stream.events.map(({ data }) => (data as { status: string }).status);
    expect([...new Set(statuses)]).toEqual(['queued', 'running', 'succeeded']);
    expect(new Set(stream.events.map(({ id }) => id)).size).toBe(stream.events.length);
    expect(stream.events.at(-1)?.data).toEqual((await coordinator.call(`/tasks/${taskId}`)).body);
  });

  it('shows failed deliveries as they come', async () => {
    const script: Script = (invoke, nth) => (nth <= 2 ? fail() : succeedAll(invoke));
    const coordinator = await started({ script });
    const taskId = await acceptedId(coordinator, 'third time lucky');
    const stream = await readEvents(`${coordinator.url}/tasks/${taskId}/events`);
    await stream.end();
    expect(stream.events.at(-1)?.data).toMatchObject({
      status: 'succeeded',
      history: [{ outcome: 'failed' }, { outcome: 'failed' }, { outcome: 'succeeded' }],
    });
  });

  it('goes on with another coordinator: nothing again that was seen, and nothing missed', async () => {
    const { script, release } = gate();
    const first = await startHttpCoordinator({ script, options: { invokeTimeoutMs: 20_000 } });
    const taskId = await acceptedId(first, 'who answers?');
    const before = await readEvents(`${first.url}/tasks/${taskId}/events`);
    const running = await before.next('task', statusIs('running'));
    first.refusing.abort();
    expect(await before.end()).toBe('by the server');

    const second = await started({ memoryStack: first.memoryStack });
    const after = await readEvents(`${second.url}/tasks/${taskId}/events`, {
      'last-event-id': running.id ?? '',
    });
    release();
    await first.stop();
    expect(await after.end()).toBe('by the server');
    const last = after.events.at(-1);
    expect(last?.data).toMatchObject({ taskId, status: 'succeeded' });
    expect(after.events.map(({ id }) => id)).not.toContain(running.id);

    const done = await fetch(`${second.url}/tasks/${taskId}/events`, {
      headers: { 'last-event-id': last?.id ?? '' },
    });
    expect(done.status).toBe(204);
  });

  it('never goes back behind what it told, however long a reading for somebody else takes', async () => {
    const { script, release } = gate();
    const coordinator = await started({ script, workers: 0, options: { invokeTimeoutMs: 20_000 } });
    const taskId = await acceptedId(coordinator, 'a slow reading');
    const { batches } = coordinator;
    const readMany = batches.readMany.bind(batches);
    let held = 0;
    let letGo: () => void = () => undefined;
    batches.readMany = async (ids) => {
      const found = await readMany(ids);
      if (ids.length > 0 && held === 0) {
        held += 1;
        await new Promise<void>((resolve) => (letGo = resolve));
      }
      return found;
    };
    const path = `${coordinator.url}/tasks/${taskId}/events`;
    const early = await readEvents(path);
    await eventually(() => held === 1);
    coordinator.beating.add('worker-1');
    await eventually(async () =>
      statusIs('running')((await coordinator.call(`/tasks/${taskId}`)).body as never),
    );
    const late = await readEvents(path);
    await late.next('task', statusIs('running'));
    letGo();
    release();
    await Promise.all([early.end(), late.end()]);
    const statuses = late.events.map(({ data }) => (data as { status: string }).status);
    expect(statuses).not.toContain('queued');
    expect(statuses.at(-1)).toBe('succeeded');
  });

  it('gives a finished task and ends', async () => {
    const coordinator = await started();
    const { body } = await coordinator.post({ text: 'done' });
    const { taskId } = body as { taskId: string };
    const stream = await readEvents(`${coordinator.url}/tasks/${taskId}/events`);
    expect(await stream.end()).toBe('by the server');
    expect(stream.events).toMatchObject([{ event: 'task', data: { taskId, status: 'succeeded' } }]);
  });

  it('answers 404 where there is no such task', async () => {
    const coordinator = await started();
    for (const id of ['nonsense', '01a209d1-bd0b-78a3-a7a2-3acf18a3c438-0']) {
      expect(await coordinator.call(`/tasks/${id}/events`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    }
  });

  it('reads many tasks of one batch together, and nothing once nobody listens', async () => {
    const { script, release } = gate();
    const coordinator = await started({ script, options: { invokeTimeoutMs: 20_000 } });
    let reads = 0;
    const { batches } = coordinator;
    const readMany = batches.readMany.bind(batches);
    batches.readMany = (ids) => {
      if (ids.length > 0) reads += 1;
      return readMany(ids);
    };
    const { body } = await coordinator.post({ texts: ['a', 'b', 'c', 'd'] }, { prefer: 'respond-async' });
    const { tasks } = body as { tasks: { taskId: string }[] };
    const streams = await Promise.all(
      tasks.map(({ taskId }) => readEvents(`${coordinator.url}/tasks/${taskId}/events`)),
    );
    release();
    for (const stream of streams) expect(await stream.end()).toBe('by the server');
    expect(streams.map(({ events }) => (events.at(-1)?.data as { text: string }).text)).toEqual([
      'a',
      'b',
      'c',
      'd',
    ]);
    const readsThen = reads;
    const rowsThen = coordinator.statistics.rows.length;
    await coordinator.post({ text: 'another second or so' });
    await eventually(() => coordinator.statistics.rows.length > rowsThen);
    expect(reads).toBe(readsThen);
  });
});
