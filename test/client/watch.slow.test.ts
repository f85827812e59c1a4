import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { BoomerangClient } from '../../client/index.js';
import { problem, reply, taskOf } from './fake-coordinator.js';
import { useClients } from './set-up.js';

const setUp = useClients();

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
}

function event(id: string, status: string, deliveries = 1): string {
  return `event: task\nid: ${id}\ndata: ${JSON.stringify(taskOf(status, deliveries))}\n\n`;
}

async function statuses(client: BoomerangClient, signal?: AbortSignal): Promise<string[]> {
  const seen: string[] = [];
  for await (const task of client.watch('task-0', signal === undefined ? {} : { signal }))
    seen.push(task.status);
  return seen;
}

describe('watch', () => {
  it('gives the task at once and after every change, until it is final', async () => {
    const { client, seen } = await setUp(
      (_, response) => {
        begin(response);
        response.end(event('1', 'queued') + event('2', 'running') + event('3', 'succeeded'));
      },
      { apiKey: 'secret' },
    );
    expect(await statuses(client)).toEqual(['queued', 'running', 'succeeded']);
    expect(seen).toMatchObject([
      {
        method: 'GET',
        path: '/tasks/task-0/events',
        headers: { accept: 'text/event-stream', authorization: 'Bearer secret' },
      },
    ]);
    expect(seen[0]?.headers).not.toHaveProperty('last-event-id');
  });

  it('reads events that come in pieces, through the middle of a character, beside comments and other events', async () => {
    const { client } = await setUp((_, response) => {
      begin(response);
      const data = JSON.stringify({ ...taskOf('succeeded'), text: 'größer 🪃' });
      const bytes = Buffer.from(`: hello\n\nevent: other\ndata: {}\n\nevent: task\nid: 1\ndata: ${data}\n\n`);
      const middle = bytes.indexOf(Buffer.from('🪃')) + 2;
      response.write(bytes.subarray(0, middle), () => {
        response.end(bytes.subarray(middle));
      });
    });
    const tasks = [];
    for await (const task of client.watch('task-0')) tasks.push(task.text);
    expect(tasks).toEqual(['größer 🪃']);
  });

  it('goes on after a broken connection from the last event', async () => {
    const { client, seen } = await setUp((_, response, nth) => {
      if (nth === 2) {
        response.destroy();
        return;
      }
      begin(response);
      if (nth === 1) response.write(event('seven', 'queued'), () => response.destroy());
      else response.end(event('eight', 'succeeded'));
    });
    expect(await statuses(client)).toEqual(['queued', 'succeeded']);
    expect(seen.map(({ headers }) => headers['last-event-id'])).toEqual([undefined, 'seven', 'seven']);
  });

  it('goes on where the stream ends before the task does, and where the coordinator is away for a while', async () => {
    const { client } = await setUp((_, response, nth) => {
      if (nth === 2) {
        problem(response, 503, 'shutting_down');
        return;
      }
      begin(response);
      response.end(nth === 1 ? event('1', 'running') : event('2', 'failed'));
    });
    expect(await statuses(client)).toEqual(['running', 'failed']);
  });

  it('gives up after so many tries in a row that bring nothing', async () => {
    const { client, seen } = await setUp((_, response) => response.destroy(), { retries: 2 });
    await expect(statuses(client)).rejects.toMatchObject({ name: 'ConnectionError', attempts: 3 });
    expect(seen).toHaveLength(3);
  });

  it('waits as long as the coordinator says, and tells how often it tried', async () => {
    const { client, seen } = await setUp(
      (_, response) => problem(response, 503, 'too_many_streams', { 'retry-after': '1' }),
      { retries: 1 },
    );
    await expect(statuses(client)).rejects.toMatchObject({ code: 'too_many_streams', attempts: 2 });
    expect((seen[1]?.atMs ?? 0) - (seen[0]?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('reads only the beginning of a refusal that does not end', async () => {
    const { client, seen } = await setUp((_, response) => {
      response.writeHead(404);
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(10_000), more);
      };
      more();
    });
    await expect(statuses(client)).rejects.toMatchObject({ name: 'UnreadableAnswerError', status: 404 });
    expect(seen).toHaveLength(1);
  });

  it('refuses an event that does not end', async () => {
    const { client, seen } = await setUp((_, response) => {
      begin(response);
      response.write('event: task\ndata: ');
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(1_000_000), more);
      };
      more();
    });
    await expect(statuses(client)).rejects.toMatchObject({ name: 'UnreadableAnswerError', status: 200 });
    expect(seen).toHaveLength(1);
  });

  it('says that a task is unknown, and asks no more', async () => {
    const { client, seen } = await setUp((_, response) => problem(response, 404, 'not_found'));
    await expect(statuses(client)).rejects.toMatchObject({ name: 'ProblemError', code: 'not_found' });
    expect(seen).toHaveLength(1);
  });

  it('refuses what is no event stream, and events that are no tasks', async () => {
    const { client, seen } = await setUp((_, response, nth) => {
      if (nth === 1) {
        reply(response, 200, {});
        return;
      }
      begin(response);
      response.end('event: task\nid: 1\ndata: {"status":"fine"}\n\n');
    });
    await expect(statuses(client)).rejects.toMatchObject({ name: 'UnreadableAnswerError' });
    await expect(statuses(client)).rejects.toMatchObject({ name: 'UnreadableAnswerError' });
    expect(seen).toHaveLength(2);
  });

  it('ends at once when the caller gives up', async () => {
    const giveUp = new AbortController();
    const { client } = await setUp((_, response) => {
      begin(response);
      response.write(event('1', 'queued'));
    });
    const seen: string[] = [];
    const watching = (async () => {
      for await (const task of client.watch('task-0', { signal: giveUp.signal })) {
        seen.push(task.status);
        giveUp.abort(new Error('enough'));
      }
    })();
    await expect(watching).rejects.toThrow('enough');
    expect(seen).toEqual(['queued']);
  });

  it('closes the connection when nobody listens any more', async () => {
    let closed: () => void = () => undefined;
    const isClosed = new Promise<void>((resolve) => (closed = resolve));
    const { client } = await setUp((_, response) => {
      response.once('close', closed);
      begin(response);
      response.write(event('1', 'queued'));
    });
    for await (const task of client.watch('task-0')) {
      expect(task.status).toBe('queued');
      break;
    }
    await isClosed;
  });
});
