import { describe, it } from 'vitest';
import type { LiveSecond, LiveTasks } from '../../../contracts/http/live.js';
import { StackUnavailableError } from '../../../contracts/errors/errors.js';
import { fail, succeedAll, type Script } from '../../support/fake-functions.js';
import { eventually } from '../../support/eventually.js';
import { readEvents as readEventsOf, type EventReader, type WhenOver } from '../../support/event-reader.js';
import { startHttpCoordinator, type HttpSetup } from '../../support/http-coordinator.js';

/** Everything ends with the test that it belongs to: these run beside each other. */
function of(whenOver: WhenOver) {
  return {
    started: async (setup: HttpSetup = {}) => {
      const coordinator = await startHttpCoordinator(setup);
      whenOver(() => coordinator.stop());
      return coordinator;
    },
    readEvents: (url: string, headers: Record<string, string> = {}) => readEventsOf(url, headers, whenOver),
  };
}

const seconds = (stream: EventReader) => stream.of('stats').map(({ data }) => data as LiveSecond);
const total = (stream: EventReader, name: string) =>
  seconds(stream).reduce((sum, { counts }) => sum + (counts[name] ?? 0), 0);

describe.concurrent('GET /events', () => {
  it('tells each second with its counts, latencies, queue and events, the workers and the newest tasks', async ({
    expect,
    onTestFinished,
  }) => {
    const { started, readEvents } = of(onTestFinished);
    const script: Script = (invoke, nth) => (nth === 1 ? fail() : succeedAll(invoke));
    const coordinator = await started({ script });
    const stream = await readEvents(`${coordinator.url}/events`);
    expect(stream.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(stream.headers.get('cache-control')).toMatch(/no-store/);
    await coordinator.post({ texts: ['one', 'two', 'three'] });
    await eventually(() => total(stream, 'succeeded') === 3);
    const busy = seconds(stream).find(({ counts }) => counts['succeeded'] === 3);
    expect(busy).toMatchObject({
      coordinators: [coordinator.options.coordinatorId],
      latency: { p50Ms: expect.any(Number) as number, p99Ms: expect.any(Number) as number },
      queue: { visible: 0, deadLetters: 0, oldestQueuedMs: expect.any(Number) as number },
    });
    const events = seconds(stream).flatMap(({ events }) => events);
    expect(events.map(({ name }) => name)).toContain('delivery.failed');
    expect((await stream.next('workers')).data).toMatchObject({
      workers: [{ id: 'worker-1', state: 'up' }, { id: 'worker-2' }, { id: 'worker-3' }],
    });
    const areDone = ({ tasks }: LiveTasks) =>
      tasks.length === 3 && tasks.every(({ status }) => status === 'succeeded');
    const tasks = await stream.next('tasks', areDone);
    expect(tasks.data).toMatchObject({
      tasks: [{ text: 'one', status: 'succeeded', deliveries: 2 }, {}, {}],
    });
  });

  it('goes on after a restart from Last-Event-ID: every second once, those of the time between too', async ({
    expect,
    onTestFinished,
  }) => {
    const { started, readEvents } = of(onTestFinished);
    const first = await startHttpCoordinator();
    const before = await readEvents(`${first.url}/events`);
    await first.post({ texts: ['one', 'two'] });
    await eventually(() => total(before, 'accepted') === 2);
    const seen = before.of('stats').at(-1);
    await first.post({ texts: ['three', 'four', 'five'] });
    await first.stop(); // writes its last row
    await before.end();

    const second = await started({ memoryStack: first.memoryStack });
    const after = await readEvents(`${second.url}/events`, { 'last-event-id': seen?.id ?? '' });
    await eventually(() => total(after, 'accepted') === 3);
    await second.post({ text: 'six' });
    await eventually(() => total(after, 'accepted') === 4);
    const replayed = seconds(after).map(({ second }) => second);
    const latest = (seen?.data as LiveSecond).second;
    const later = replayed.filter((at) => at > latest);
    expect(later).toEqual(later.map((_, index) => latest + 1 + index));
  });

  it('gives as much of the past as is asked for, and refuses what is no number of seconds', async ({
    expect,
    onTestFinished,
  }) => {
    const { started, readEvents } = of(onTestFinished);
    const coordinator = await started();
    const now = Math.floor(Date.now() / 1000);
    for (const age of [3, 20, 500]) {
      await coordinator.statistics.put({
        coordinatorId: 'an-older-one',
        second: now - age,
        counts: { accepted: age },
        latency: {},
        outstandingTasks: 0,
        events: [],
      });
    }
    const stream = await readEvents(`${coordinator.url}/events?history=60`);
    await stream.next('stats', ({ counts }: LiveSecond) => counts['accepted'] === 3);
    expect(total(stream, 'accepted')).toBe(23);
    expect(seconds(stream).length).toBeGreaterThanOrEqual(60);
    for (const history of ['601', '-1', 'x', '1e2']) {
      expect(await coordinator.call(`/events?history=${history}`)).toMatchObject({
        status: 400,
        body: { code: 'invalid_request' },
      });
    }
  });

  it('is read once for all who listen, and not at all while nobody does', async ({
    expect,
    onTestFinished,
  }) => {
    const { started, readEvents } = of(onTestFinished);
    const coordinator = await started();
    let reads = 0;
    const { statistics } = coordinator;
    const range = statistics.range.bind(statistics);
    statistics.range = (from, to) => {
      reads += 1;
      return range(from, to);
    };
    const streams = await Promise.all(
      Array.from({ length: 10 }, () => readEvents(`${coordinator.url}/events`)),
    );
    for (const stream of streams) await eventually(() => seconds(stream).length >= 2);
    expect(reads).toBeLessThanOrEqual(Math.max(...streams.map((stream) => seconds(stream).length)) + 3);
    for (const stream of streams) stream.close();
    const again = await eventually(async () => {
      const stream = await readEvents(`${coordinator.url}/events`);
      await stream.next('workers');
      return stream;
    });
    again.close();
    await coordinator.post({ text: 'a second or two' });
    await eventually(() => statistics.rows.length > 0);
    const readsThen = reads;
    const rowsThen = statistics.rows.length;
    await coordinator.post({ text: 'and another' });
    await eventually(() => statistics.rows.length > rowsThen);
    expect(reads).toBe(readsThen);
  });

  it('says so while the table cannot be read, and makes up for it', async ({ expect, onTestFinished }) => {
    const { started, readEvents } = of(onTestFinished);
    const coordinator = await started();
    const stream = await readEvents(`${coordinator.url}/events`);
    await stream.next('stats');
    const { statistics } = coordinator;
    const range = statistics.range.bind(statistics);
    statistics.range = () => Promise.reject(new StackUnavailableError('Query', new Error('planned')));
    await stream.next('trouble', ({ unread }: { unread: string[] }) => unread.includes('stats'));
    await coordinator.post({ texts: ['meanwhile', 'accepted'] });
    await eventually(() => statistics.rows.length > 0);
    expect(total(stream, 'accepted')).toBe(0);
    statistics.range = range;
    await stream.next('trouble', ({ unread }: { unread: string[] }) => unread.length === 0);
    await eventually(() => total(stream, 'accepted') === 2);
    const sent = seconds(stream).map(({ second }) => second);
    expect(new Set(sent).size).toBe(sent.length);
  });

  it('needs the key where one is set', async ({ expect, onTestFinished }) => {
    const { started, readEvents } = of(onTestFinished);
    const coordinator = await started({ apiKey: 'secret' });
    expect((await coordinator.call('/events')).status).toBe(401);
    expect((await coordinator.call('/events?key=secret')).status).toBe(401);
    const stream = await readEvents(`${coordinator.url}/events`, { authorization: 'Bearer secret' });
    await stream.next('workers');
  });

  it('refuses more than fifty streams of a client, says why, and takes another when one has ended', async ({
    expect,
    onTestFinished,
  }) => {
    const { started, readEvents } = of(onTestFinished);
    const coordinator = await started();
    const streams = await Promise.all(
      Array.from({ length: 50 }, () => readEvents(`${coordinator.url}/events`)),
    );
    const refused = await coordinator.call('/events');
    const detail = '50 event streams are open already from your address';
    expect(refused).toMatchObject({ status: 503, body: { code: 'too_many_streams', detail } });
    expect(refused.headers.get('retry-after')).toMatch(/^(30|2\d)$/);
    streams[0]?.close();
    await eventually(async () => (await readEvents(`${coordinator.url}/events`)).status === 200);
  });

  it('ends when the coordinator stops, which does not wait for it', async ({ expect, onTestFinished }) => {
    const { readEvents } = of(onTestFinished);
    const coordinator = await startHttpCoordinator();
    const stream = await readEvents(`${coordinator.url}/events`);
    await stream.next('workers');
    coordinator.refusing.abort();
    expect(await stream.end()).toBe('by the server');
    expect(await coordinator.call('/events')).toMatchObject({ status: 503, body: { code: 'shutting_down' } });
    await coordinator.stop();
  });
});
