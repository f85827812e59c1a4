/** `GET /tasks/:id/events`: the task as `GET /tasks/:id` gives it, at once and after each change, until it is terminal. */
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { taskView } from '../../contracts/http/task-view.js';
import { isTerminalStatus } from '../../contracts/batch/task-status.js';
import type { Coordinator } from '../coordinator.js';
import type { OpenStreams } from './open-streams.js';

/** After this many readings without the batch the stream ends, and the client may ask again. */
const MAX_ABSENT_READINGS = 20;

export function taskEventsRoute(
  coordinator: Pick<Coordinator, 'find' | 'follow'>,
  streams: OpenStreams,
): RequestHandler<{ id: string }> {
  return async (request, response) => {
    const { batch, taskIndex } = await coordinator.find(request.params.id);
    let seen = request.get('last-event-id');
    const first = snapshotOf(batch, taskIndex);
    if (first.isFinal && first.id === seen) {
      response.status(204).end(); // an EventSource does not reconnect after this
      return;
    }
    let stopFollowing: () => void = () => undefined;
    const stream = streams.open(response, () => stopFollowing());
    if (stream === undefined) return;
    const show = ({ id, data, isFinal }: TaskSnapshot) => {
      if (id !== seen) stream.send({ event: 'task', id, data });
      seen = id;
      if (isFinal) stream.end();
    };
    show(first);
    if (request.method === 'HEAD') stream.end();
    if (!stream.isOpen) return;
    let absent = 0;
    stopFollowing = coordinator.follow(batch.id, (found) => {
      absent = found === undefined ? absent + 1 : 0;
      if (absent > MAX_ABSENT_READINGS) stream.end();
      // A slow client gets the state of the moment at which it has caught up.
      else if (found !== undefined && !stream.isBehind) show(snapshotOf(found, taskIndex));
    });
  };
}

interface TaskSnapshot {
  readonly id: string;
  readonly data: string;
  readonly isFinal: boolean;
}

/** The id is a hash of the data, so it means the same to every coordinator. */
function snapshotOf(batch: BatchDocument, slot: number): TaskSnapshot {
  const task = taskView(batch, slot);
  const data = JSON.stringify(task);
  const id = createHash('sha256').update(data).digest('base64url').slice(0, 16);
  return { id, data, isFinal: isTerminalStatus(task.status) };
}
