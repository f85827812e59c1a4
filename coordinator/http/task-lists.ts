/** Pages of tasks. Few are read at the same time, and none for a client that has gone. */
import type { Response } from 'express';
import type { Clock } from '../../contracts/system/clock.js';
import type { Coordinator } from '../coordinator.js';
import type { ListQuery, TaskPage } from '../tasks/list-tasks.js';
import { clientGone } from './client-gone.js';
import { ConcurrencyLimit, LISTINGS } from './concurrency-limit.js';

export class TaskLists {
  readonly #coordinator: Pick<Coordinator, 'list'>;
  readonly #limit: ConcurrencyLimit;

  constructor(coordinator: Pick<Coordinator, 'list'>, clock: Clock) {
    this.#coordinator = coordinator;
    this.#limit = new ConcurrencyLimit(clock, LISTINGS);
  }

  /** @throws BoomerangError `too_many_requests`, `invalid_request`; StackUnavailableError */
  page(query: ListQuery, response: Response): Promise<TaskPage> {
    const gone = clientGone(response);
    return this.#limit.run(gone, () => this.#coordinator.list(query, gone));
  }
}
