/**
 * Follows batches that this coordinator holds and of which it heard nothing for a while: another coordinator may
 * have received them. Reads the store, a hundred at a time, those with waiting clients first.
 */
import type { BatchDocument } from '../../contracts/batch/batch.js';
import type { BatchStore } from '../../contracts/stack/batch-store.js';
import type { Clock } from '../../contracts/system/clock.js';
import type { Logger } from '../../contracts/system/logger.js';
import { messageOf } from '../../contracts/common/text.js';
import { repeat } from '../async/repeat.js';
import type { Ledger } from './ledger.js';

const INTERVAL_MS = 400;
const QUIET_MS = 1500;
/** Where others are at work, most of what is quiet has been answered by them, and clients wait to be told. */
const QUIET_AMONG_OTHERS_MS = 200;
/** Since another was last seen at work. */
const OTHERS_STAY_MS = 30_000;
const AT_ONCE = 100;

export interface WatcherPorts {
  readonly clock: Clock;
  readonly batches: Pick<BatchStore, 'readMany'>;
  readonly ledger: Pick<Ledger, 'takeStalest' | 'update'>;
  readonly logger: Logger;
}

/** @returns the way to stop */
export function startWatcher(ports: WatcherPorts, coordinatorId: string): () => Promise<void> {
  const { clock, ledger, logger } = ports;
  let othersSeenAt = -Infinity;
  return repeat(clock, INTERVAL_MS, async () => {
    const isAlone = clock.monotonic() - othersSeenAt > OTHERS_STAY_MS;
    const ids = ledger.takeStalest(isAlone ? QUIET_MS : QUIET_AMONG_OTHERS_MS, AT_ONCE);
    if (ids.length === 0) return;
    try {
      for (const batch of await ports.batches.readMany(ids, waitTheirTurn)) {
        if (wasDeliveredElsewhere(batch, coordinatorId)) othersSeenAt = clock.monotonic();
        ledger.update(batch);
      }
    } catch (error) {
      logger.debug({ error: messageOf(error) }, 'batches.watch_failed');
    }
  });
}

function wasDeliveredElsewhere({ deliveries }: BatchDocument, coordinatorId: string): boolean {
  return Object.values(deliveries).some((delivery) => delivery.coordinatorId !== coordinatorId);
}

function waitTheirTurn(): void {
  // what the store is too busy to give is asked for again when it has been quiet as long
}
