/** A message that is none of ours is received again and again, for as long as it lies in a queue: each is told of once. */
import { BoundedSet } from '../../contracts/common/bounded-set.js';
import type { Logger } from '../../contracts/system/logger.js';
import type { StatsRecorder } from '../stats/stats-recorder.js';

const REMEMBERED = 10_000;

export class UnreadableMessages {
  readonly #stats: Pick<StatsRecorder, 'count'>;
  readonly #logger: Logger;
  readonly #logged = new BoundedSet(REMEMBERED);

  constructor(stats: Pick<StatsRecorder, 'count'>, logger: Logger) {
    this.#stats = stats;
    this.#logger = logger;
  }

  received(messageId: string): void {
    this.#stats.count('unreadableMessages');
    if (this.#logged.add(messageId)) this.#logger.error({ messageId }, 'message.unreadable');
  }
}
