/** Pages of tasks: a few at a time, and none for those who have left. */
import type { Response } from 'express';
import { messageOf } from '../../contracts/common/text.js';
import type { InferPorts } from '../intake/infer.js';
import { EmptyHours } from '../tasks/empty-hours.js';
import { listTasks, type ListPorts, type ListQuery, type TaskPage } from '../tasks/list-tasks.js';
import { clientGone } from './client-gone.js';
import { ConcurrencyLimit, LISTINGS } from './concurrency-limit.js';

export class TaskLists {
  readonly #ports: ListPorts;
  readonly #retentionMs: number;
  readonly #limit: ConcurrencyLimit;

  constructor(ports: Pick<InferPorts, 'clock' | 'batches' | 'stats' | 'logger'>, retentionMs: number) {
    const { clock, batches, stats, logger } = ports;
    this.#retentionMs = retentionMs;
    this.#limit = new ConcurrencyLimit(clock, LISTINGS);
    this.#ports = {
      clock,
      batches,
      emptyHours: new EmptyHours(clock),
      onUnreadable: (taskId, error) => {
        stats.count('unreadableItems');
        logger.debug({ taskId, error: messageOf(error) }, 'task.unreadable');
      },
    };
  }

  /** @throws BoomerangError `too_many_requests`, `invalid_request`; StackUnavailableError */
  page(query: ListQuery, response: Response): Promise<TaskPage> {
    const gone = clientGone(response);
    return this.#limit.run(gone, () => listTasks(this.#ports, query, this.#retentionMs, gone));
  }
}
