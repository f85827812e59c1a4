/**
 * Asks workers that refused a connection, or whose ejection is over, whether they are well; a heartbeat alone does not
 * bring them back.
 */
import type { Clock } from '../../contracts/system/clock.js';
import type { FunctionClient } from '../../contracts/worker/function-client.js';
import type { Logger } from '../../contracts/system/logger.js';
import { repeat } from '../async/repeat.js';
import type { WorkerRegistry } from './registry.js';

const INTERVAL_MS = 250;
const TIMEOUT_MS = 1000;

export function startProber(ports: {
  readonly clock: Clock;
  readonly functions: FunctionClient;
  readonly registry: WorkerRegistry;
  readonly logger: Logger;
}): () => Promise<void> {
  return repeat(ports.clock, INTERVAL_MS, async () => {
    await Promise.all(
      ports.registry.toProbe().map(async (worker) => {
        if (!(await ports.functions.isHealthy(worker, TIMEOUT_MS))) return;
        const isOnTrial = ports.registry.recordProbeAnswer(worker.id) === 'trial';
        ports.logger.info({ workerId: worker.id }, isOnTrial ? 'worker.trial' : 'worker.recovered');
      }),
    );
  });
}
