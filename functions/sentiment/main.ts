import { runProcess } from '../../infra/process/run-process.js';
import { createSystemClock } from '../../infra/process/system-clock.js';
import { createSystemRandom } from '../../infra/process/system-random.js';
import { startModelHost } from '../runtime/model-host.js';
import { startWorker } from '../runtime/start-worker.js';
import { readConfig } from './config.js';

runProcess('function', readConfig, async ({ worker, sentiment }, logger) => {
  const functionUrl = new URL('./function.js', import.meta.url).href;
  const host = await startModelHost({ functionUrl, options: sentiment }, endProcess);
  return startWorker({
    config: worker,
    host,
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger,
    crash: () => process.kill(process.pid, 'SIGKILL'),
  });
});

/** Without its model a worker is of no use: thrown where nobody catches it, and the supervisor starts another. */
function endProcess(error: Error): never {
  throw error;
}
