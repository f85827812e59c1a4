/**
 * The life of a process of ours, the same for all of them:
 *
 *     starting ── ready ──> running ── asked to stop ──> stopping ── stopped ──> exit 0
 *         │                                                  └─ deadline passed ──> exit 1
 *         └─ cannot start ──> exit 1, the reason told
 *
 * Asked to stop while starting, it finishes starting and stops then, within the same deadline. A signal repeated after
 * a second ends it at once; so does an error that nobody caught.
 */
import type { pino } from 'pino';
import type { Logger } from '../../contracts/system/logger.js';
import type { Environment } from '../../contracts/settings/settings.js';
import { createLogger, createLogWriter, readLogStyle } from './logger.js';
import { createOutput } from './output.js';
import { isSupervised, sendToSupervisor, type ProcessMessage } from './process-messages.js';
import { withSecretFiles } from './secret-files.js';
import { describeStartError } from './start-error.js';
import { exitCodeOf, listenForStopRequests, type StopReason } from './stop-requests.js';

export interface RunningProcess {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ProcessConfig {
  readonly logLevel: string;
  /** For work in flight to end well. */
  readonly stopDeadlineMs?: number;
}

const STOP_DEADLINE_MS = 15_000;
/** Without its supervisor nobody waits for a process, and the next one wants its port. */
const ORPHAN_STOP_DEADLINE_MS = 3000;

export function runProcess<C extends ProcessConfig>(
  name: string,
  readConfig: (env: Environment) => C,
  start: (config: C, logger: Logger) => Promise<RunningProcess>,
): void {
  // The SDK announces in every process when it will stop supporting Node 20; our range of it is capped.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  process.umask(0o077); // texts, answers and tokens lie in the files that our processes write
  try {
    const config = readConfig(withSecretFiles(process.env));
    const logger = createProcessLogger(processName(name), config.logLevel);
    exitOnCrash(logger);
    void runLifecycle(name, logger, config.stopDeadlineMs ?? STOP_DEADLINE_MS, () => start(config, logger));
  } catch (error) {
    void failToStart(name, error);
  }
}

async function runLifecycle(
  name: string,
  logger: pino.Logger,
  stopDeadlineMs: number,
  start: () => Promise<RunningProcess>,
): Promise<void> {
  const starting = Promise.resolve().then(start); // after the listeners below are there
  const stopRequested = new AbortController();
  listenForStopRequests({
    onRequest: (reason) => {
      exitAfterDeadline(logger, reason, stopDeadlineMs);
      if (!stopRequested.signal.aborted) void stopAndExit(logger, reason, starting);
      stopRequested.abort();
    },
    onRepeatedSignal: (signal) => process.exit(exitCodeOf(signal)),
  });
  try {
    const { url } = await starting;
    if (stopRequested.signal.aborted) return;
    logger.info({ url }, `${name}.ready`);
    await sendToSupervisor({ type: 'ready', url } satisfies ProcessMessage);
  } catch (error) {
    if (stopRequested.signal.aborted) return;
    logger.debug({ error }, 'process.start_failed');
    await failToStart(name, error);
  }
}

async function stopAndExit(
  logger: pino.Logger,
  reason: StopReason,
  starting: Promise<RunningProcess>,
): Promise<void> {
  logger.info({ reason }, 'process.stopping');
  const running = await starting.catch(() => undefined); // what could not start need not be stopped
  try {
    await running?.stop();
  } catch (error) {
    logger.error({ error }, 'process.stop_failed');
    process.exit(1);
  }
  logger.info({}, 'process.stopped');
  process.exit(0);
}

function exitAfterDeadline(logger: pino.Logger, reason: StopReason, stopDeadlineMs: number): void {
  const deadlineMs = reason === 'supervisor-gone' ? ORPHAN_STOP_DEADLINE_MS : stopDeadlineMs;
  setTimeout(() => {
    logger.error({ reason, deadlineMs }, 'process.stop_timed_out');
    process.exit(1);
  }, deadlineMs);
}

/** The person who started it is told once: the supervisor prints what its children tell it. */
async function failToStart(name: string, error: unknown): Promise<void> {
  const message = describeStartError(error);
  if (isSupervised()) await sendToSupervisor({ type: 'failed', message } satisfies ProcessMessage);
  else process.stderr.write(`${processName(name)} cannot start: ${message}\n`);
  process.exit(1);
}

/** Several processes run the same program: their supervisor tells them apart. */
function processName(programName: string): string {
  const given = process.env['PROCESS_NAME'] ?? '';
  return given === '' ? programName : given;
}

/** Rejections that nobody handles end here too. After either, nothing that is in memory can be trusted. */
function exitOnCrash(logger: pino.Logger): void {
  process.on('uncaughtException', (error, origin) => {
    logger.fatal({ error, origin }, 'process.crashed');
    process.exit(1);
  });
}

function createProcessLogger(name: string, level: string): pino.Logger {
  const style = readLogStyle(process.env, process.stdout.isTTY);
  return createLogger({ name, level, write: createLogWriter(style, createOutput(process.stdout)) });
}
