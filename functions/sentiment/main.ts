import { guardConnections } from '../../infra/process/connection-guard.js';
import { ownNames } from '../../infra/process/own-names.js';
import { runProcess } from '../../infra/process/run-process.js';
import { createSystemClock } from '../../infra/process/system-clock.js';
import { createSystemRandom } from '../../infra/process/system-random.js';
import type { WorkerConfig } from '../runtime/settings.js';
import { startModelHost } from '../runtime/host/model-host.js';
import { startWorker } from '../runtime/start-worker.js';
import { readConfig } from './config.js';
import { isUnpinned } from './hub-model.js';

const PIN = 'MODEL=owner/name@COMMIT always runs the same files';

runProcess('function', readConfig, async ({ worker, sentiment }, logger) => {
  if (isUnpinned(sentiment.model)) logger.warn({ model: sentiment.model, hint: PIN }, 'model.unpinned');
  const functionUrl = new URL('./function.js', import.meta.url).href;
  const clock = createSystemClock();
  const host = await startModelHost(
    { functionUrl, options: sentiment },
    { limits: worker.limits, clock, logger, onLost: endProcess },
  );
  const tracing = await tracingOf(worker);
  const running = await startWorker({
    tracer: tracing?.tracer,
    config: worker,
    ownNames,
    host,
    clock,
    random: createSystemRandom(),
    logger,
    prepareServer: (server) => guardConnections(server, { logger }),
    crash: () => {
      host.kill();
      process.kill(process.pid, 'SIGKILL');
    },
  });
  return {
    url: running.url,
    stop: async () => {
      await running.stop();
      await tracing?.stop();
    },
  };
});

/** The SDK of OpenTelemetry is loaded only where somebody wants traces. */
async function tracingOf({ tracesEndpoint, workerId }: WorkerConfig) {
  if (tracesEndpoint === undefined) return undefined;
  const { startTracing } = await import('../../infra/tracing/otel-tracer.js');
  return startTracing({ endpoint: tracesEndpoint, serviceName: 'boomerang-function', instanceId: workerId });
}

/** Without its model a worker is of no use: thrown where nobody catches it, and the supervisor starts another. */
function endProcess(error: Error): never {
  throw error;
}
