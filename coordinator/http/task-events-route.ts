/** `GET /tasks/:id/events`: the task as `GET /tasks/:id` gives it, at once and whenever it changes, until it is final. */
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { BatchDocument } from '../../contracts/batch/batch.js';
import { taskView } from '../../contracts/http/task-view.js';
import { isTerminalStatus } from '../../contracts/http/task-status.js';
import type { Coordinator } from '../coordinator.js';
import type { OpenStreams } from './open-streams.js';

/** Readings in a row that did not find it: then its client may ask anew, and is told. */
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
      response.status(204).end(); // tells an EventSource not to come back
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
      // A client that does not keep up is sent what the task is by the time it does.
      else if (found !== undefined && !stream.isBehind) show(snapshotOf(found, taskIndex));
    });
  };
}

interface TaskSnapshot {
  readonly id: string;
  readonly data: string;
  readonly isFinal: boolean;
}

/** The id is made of what is shown, so it means the same to every coordinator. */
function snapshotOf(batch: BatchDocument, slot: number): TaskSnapshot {
  const task = taskView(batch, slot);
  const data = JSON.stringify(task);
  const id = createHash('sha256').update(data).digest('base64url').slice(0, 16);
  return { id, data, isFinal: isTerminalStatus(task.status) };
}
