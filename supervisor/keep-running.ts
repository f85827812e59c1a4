/** The supervisor's own life: start, say so, wait to be told to stop; whatever happens, no child is left behind. */
import type { Logger } from '../contracts/system/logger.js';
import { exitCodeOf, listenForStopRequests } from '../infra/process/stop-requests.js';
import type { Supervisor } from './supervisor.js';

export interface KeepRunningOptions {
  readonly supervisor: Supervisor;
  readonly logger: Logger;
  /** Called when all children are ready. The signal tells that a stop was asked for meanwhile. */
  readonly onReady: (stopRequested: AbortSignal) => Promise<void>;
  /** Called when no child is left, after a start that failed; ends the process. */
  readonly onFailure: (error: unknown) => Promise<never>;
  /** Called when no child is left. */
  readonly onStopped: () => Promise<void>;
}

/** A supervisor whose parent has died does not wait for a long drain. */
const ORPHAN_STOP_DEADLINE_MS = 5000;

export async function keepRunning(options: KeepRunningOptions): Promise<void> {
  const { supervisor, logger } = options;
  const stopping = new AbortController();
  process.on('exit', () => supervisor.killAll());
  process.on('uncaughtException', (error) => {
    logger.error({ error }, 'process.crashed');
    process.exit(1);
  });
  listenForStopRequests({
    onRequest: (reason) => {
      if (reason === 'supervisor-gone') setTimeout(() => process.exit(1), ORPHAN_STOP_DEADLINE_MS);
      if (stopping.signal.aborted) return;
      stopping.abort();
      logger.info({ reason }, 'up.stopping');
      void stopAndExit(options);
    },
    onRepeatedSignal: (signal) => process.exit(exitCodeOf(signal)),
  });
  try {
    await supervisor.start();
    await options.onReady(stopping.signal);
  } catch (error) {
    if (stopping.signal.aborted) return; // what fails because of the stop is no news
    stopping.abort();
    await supervisor.stop();
    await options.onStopped();
    await options.onFailure(error);
  }
}

async function stopAndExit({ supervisor, onStopped }: KeepRunningOptions): Promise<void> {
  await supervisor.stop();
  await onStopped();
  process.exit(0);
}
