/**
 * Follows batches that this coordinator holds and of which it heard nothing for a while: another coordinator may
 * have received them. Reads the store, a hundred at a time, those with waiting clients first.
 */
import type { BatchStore, Clock, Logger } from '../../contracts/ports.js';
import { messageOf } from '../../contracts/text.js';
import { repeat } from '../repeat.js';
import type { Ledger } from './ledger.js';

const INTERVAL_MS = 400;
const QUIET_MS = 1500;
const AT_ONCE = 100;

export function startWatcher(ports: {
  readonly clock: Clock;
  readonly batches: BatchStore;
  readonly ledger: Ledger;
  readonly logger: Logger;
}): () => Promise<void> {
  return repeat(ports.clock, INTERVAL_MS, async () => {
    const ids = ports.ledger.takeQuiet(QUIET_MS, AT_ONCE);
    if (ids.length === 0) return;
    try {
      for (const batch of await ports.batches.readMany(ids)) ports.ledger.learn(batch);
    } catch (error) {
      ports.logger.debug({ error: messageOf(error) }, 'watcher.failed');
    }
  });
}
