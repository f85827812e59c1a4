/** The coordinator's parts, put together on ports: nothing here knows HTTP, AWS or this machine's clock. */
import { messageOf } from '../contracts/common/text.js';
import { startDeadLetterConsumer } from './delivery/dead-letter-consumer.js';
import { DeleteBatcher } from './delivery/delete-batcher.js';
import type { DispatchContext } from './delivery/dispatch-context.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { Receiver } from './delivery/receiver.js';
import { StoreGate } from './delivery/store-gate.js';
import { Turns } from './delivery/turns.js';
import { UnreadableMessages } from './delivery/unreadable-messages.js';
import type { InferPorts } from './intake/infer.js';
import { Intake } from './intake/intake.js';
import { LoadMeter } from './intake/load-meter.js';
import { Ledger } from './ledger/ledger.js';
import type { RewritePorts } from './ledger/rewrite-batch.js';
import { startWatcher } from './ledger/watcher.js';
import { newWriteId } from './ledger/write-id.js';
import { BatchFollower } from './live/batch-follower.js';
import { Measures } from './measures/measures.js';
import type { CoordinatorOptions, CoordinatorPorts } from './ports.js';
import { QueueProgress } from './recovery/queue-progress.js';
import { startReconciler } from './recovery/reconciler.js';
import { RememberedKeys } from './recovery/remembered-keys.js';
import { StackResetDetector } from './recovery/stack-reset-detector.js';
import { DrainRate } from './stats/drain-rate.js';
import { StatsRecorder } from './stats/stats-recorder.js';
import { EmptyHours } from './tasks/empty-hours.js';
import { Expirer } from './tasks/expirer.js';
import type { ListPorts } from './tasks/list-tasks.js';
import { terminalTaskRecorder } from './tasks/record-terminal-tasks.js';
import { TaskLog } from './tasks/task-log.js';
import { Traces } from './tracing/traces.js';
import { Heartbeats } from './workers/heartbeats.js';
import { pickerOf } from './workers/pick-worker.js';
import { startProber } from './workers/prober.js';
import { WorkerRegistry } from './workers/registry.js';
import { Slots } from './workers/slots.js';

export type Parts = ReturnType<typeof assemble>;

/** @param stopping ends whatever a delivery waits for */
export function assemble(ports: CoordinatorPorts, options: CoordinatorOptions, stopping: AbortSignal) {
  const { clock, random, logger, queue, batches, workers } = ports;
  const { coordinatorId, visibilityTimeoutMs, retentionMs } = options;
  const timeouts = { visibilityTimeoutMs, retentionMs };
  const traces = ports.tracer && new Traces(ports.tracer);
  const measures = new Measures();
  const ledger = new Ledger(clock);
  const registry = new WorkerRegistry(clock, options.workerSlots);
  const drain = new DrainRate(clock);
  const stats = new StatsRecorder({ clock, logger, stats: ports.statistics }, coordinatorId, ledger);
  const onTerminal = terminalTaskRecorder(stats, measures, drain, new TaskLog(logger, clock));
  const rewriting: RewritePorts = { clock, random, batches, ledger, onTerminal };
  const heartbeats = new Heartbeats({
    ...{ clock, workers, registry, stats, logger },
    addresses: ports.workerAddresses,
    proofs: ports.addressProofs,
  });
  const keys = new RememberedKeys(clock, ports.keys, (id) => ledger.lookup(id) !== undefined);
  const stackResets = new StackResetDetector(
    { ...rewriting, queue, stats, logger, keys, marker: ports.marker, resources: ports.resources },
    timeouts,
  );

  const meter = new LoadMeter(options.batch.windowMs);
  const expirer = new Expirer(rewriting, timeouts, logger);
  const intake = new Intake(
    { clock, random, queue, batches, ledger, traces },
    { ...options.batch, coordinatorId, visibilityTimeoutMs },
    meter,
    () => registry.upCount(),
    (batch) => {
      measures.batchTasks.observe(batch.tasks.length);
      expirer.watch(batch);
    },
  );
  ledger.onTerminal((batch, terminal) => {
    meter.recordAnswers(batch.id, terminal.length, clock.monotonic());
    intake.reconsider();
  });
  const infer: InferPorts = { ...rewriting, keys, stackResets, intake, drain, stats, logger };
  const lists: ListPorts = {
    clock,
    batches,
    emptyHours: new EmptyHours(clock),
    onUnreadable: (taskId, error) => {
      stats.count('unreadableItems');
      logger.debug({ taskId, error: messageOf(error) }, 'task.unreadable');
    },
  };

  const progress = new QueueProgress(clock, visibilityTimeoutMs, {
    coordinatorId,
    lastNumber: () => intake.lastBatchNumber,
  });
  const unreadable = new UnreadableMessages(stats, logger);
  const deletes = new DeleteBatcher(clock, queue, logger);
  const slots = new Slots(registry, pickerOf(options.dispatch));
  const gate = new StoreGate(clock, logger);
  const context: DispatchContext = {
    ...rewriting,
    ...{ queue, logger, registry, slots, gate, deletes, unreadable, stats, measures, traces, stopping },
    functions: ports.functions,
    suspects: new Turns(),
    durations: timeouts,
    options: {
      ...timeouts,
      coordinatorId,
      redelivery: options.redelivery,
      invokeTimeoutMs: options.invokeTimeoutMs,
      callMs: Math.max(options.invokeTimeoutMs, 2 * visibilityTimeoutMs),
    },
    newWriteId: () => newWriteId(random),
  };
  const dispatcher = new Dispatcher(context, {
    onSetAside: (batch) => {
      meter.stopTracking(batch.id);
      intake.reconsider();
    },
    onReceived: (message) => progress.recordReceived(message),
  });
  const receiver = new Receiver(
    { clock, queue, slots, gate, logger },
    visibilityTimeoutMs,
    (message, receivedFrom, reservation) => dispatcher.deliver(message, receivedFrom, reservation),
  );

  /** @returns the ways to stop each */
  const startBackgroundWork = (): readonly (() => Promise<void>)[] => [
    stackResets.start(),
    startReconciler(
      { ...rewriting, queue, stats, logger, progress, isDelivering: (id) => dispatcher.isDelivering(id) },
      timeouts,
    ),
    startDeadLetterConsumer(
      { ...rewriting, deadLetters: queue.deadLetters, stats, unreadable, logger },
      timeouts,
    ),
    heartbeats.start(),
    startProber({ clock, functions: ports.functions, registry, logger }),
    startWatcher({ clock, batches, ledger, logger }, coordinatorId),
    stats.start(),
  ];
  return {
    ...{ deletes, dispatcher, drain, expirer, heartbeats, infer, intake, ledger, lists, measures },
    ...{ receiver, registry, stats, timeouts, traces, startBackgroundWork },
    follower: new BatchFollower({ clock, batches, ledger, logger }),
  };
}
