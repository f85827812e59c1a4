/** The coordinator's parts, put together on ports: nothing here knows HTTP, AWS or this machine's clock. */
import { setMaxListeners } from 'node:events';
import type { BatchId } from '../contracts/batch/ids.js';
import type { BatchQueue } from '../contracts/stack/batch-queue.js';
import type { BatchStore } from '../contracts/stack/batch-store.js';
import type { Clock } from '../contracts/system/clock.js';
import type { FunctionClient } from '../contracts/worker/function-client.js';
import type { KeyStore, MarkerStore, StatsStore, WorkerStore } from '../contracts/stack/stores.js';
import type { Logger } from '../contracts/system/logger.js';
import type { Random } from '../contracts/system/random.js';
import type { StackResources } from '../contracts/stack/stack-calls.js';
import { startDeadLetterConsumer } from './delivery/dead-letter-consumer.js';
import { UnreadableMessages } from './delivery/unreadable-messages.js';
import { DeleteBatcher } from './delivery/delete-batcher.js';
import type { DispatchContext, Redelivery } from './delivery/dispatch-context.js';
import { Dispatcher } from './delivery/dispatcher.js';
import { Receiver } from './delivery/receiver.js';
import { Turns } from './delivery/turns.js';
import { StoreGate } from './delivery/store-gate.js';
import { DrainRate } from './stats/drain-rate.js';
import type { BatcherOptions } from './intake/batcher.js';
import { Intake } from './intake/intake.js';
import { LoadMeter } from './intake/load-meter.js';
import { Measures } from './measures/measures.js';
import { QueueProgress } from './recovery/queue-progress.js';
import { startReconciler } from './recovery/reconciler.js';
import { RememberedKeys } from './recovery/remembered-keys.js';
import { StackResetDetector } from './recovery/stack-reset-detector.js';
import { settledWithin } from './async/repeat.js';
import { StatsRecorder } from './stats/stats-recorder.js';
import { Expirer } from './tasks/expirer.js';
import { terminalTaskRecorder } from './tasks/record-terminal-tasks.js';
import { Ledger } from './ledger/ledger.js';
import type { BatchTimeouts, RewritePorts } from './ledger/rewrite-batch.js';
import { TaskLog } from './tasks/task-log.js';
import { startWatcher } from './ledger/watcher.js';
import { newWriteId } from './ledger/write-id.js';
import type { Tracer } from '../contracts/system/tracing.js';
import { Traces } from './tracing/traces.js';
import { Heartbeats } from './workers/heartbeats.js';
import { pickerOf, type DispatchPolicy } from './workers/pick-worker.js';
import { startProber } from './workers/prober.js';
import { WorkerRegistry } from './workers/registry.js';
import { Slots } from './workers/slots.js';
import type { AddressProofs } from './workers/address-proofs.js';
import type { WorkerAddresses } from './workers/worker-addresses.js';

export interface CoordinatorPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly queue: BatchQueue;
  readonly batches: BatchStore;
  readonly keys: KeyStore;
  readonly marker: MarkerStore;
  readonly resources: StackResources;
  readonly workers: WorkerStore;
  readonly statistics: StatsStore;
  readonly functions: FunctionClient;
  /** Where workers may be; anywhere where none of them is real. */
  readonly workerAddresses?: Pick<WorkerAddresses, 'mayBeAt'> | undefined;
  readonly addressProofs?: AddressProofs | undefined;
  /** Where traces are wanted. */
  readonly tracer?: Tracer | undefined;
}

export interface CoordinatorOptions {
  readonly coordinatorId: string;
  readonly dispatch: DispatchPolicy;
  readonly redelivery: Redelivery;
  readonly batch: BatcherOptions;
  readonly workerSlots: number;
  readonly visibilityTimeoutMs: number;
  readonly invokeTimeoutMs: number;
  readonly retentionMs: number;
}

/** Beyond the time that a long poll waits. */
const LONGEST_RECEIVE_MS = 3000;
const LONGEST_RELEASE_MS = 3000;

export class Coordinator {
  readonly ledger: Ledger;
  readonly registry: WorkerRegistry;
  readonly stats: StatsRecorder;
  readonly measures = new Measures();
  readonly traces: Traces | undefined;
  readonly drain: DrainRate;
  readonly intake: Intake;
  readonly heartbeats: Heartbeats;
  readonly keys: RememberedKeys;
  readonly stackResets: StackResetDetector;
  /** What every rewrite of a batch needs. */
  readonly rewriting: RewritePorts;

  readonly #ports: CoordinatorPorts;
  readonly #timeouts: BatchTimeouts;
  readonly #coordinatorId: string;
  readonly #stopping = new AbortController();
  readonly #deletes: DeleteBatcher;
  readonly #unreadable: UnreadableMessages;
  readonly #dispatcher: Dispatcher;
  readonly #receiver: Receiver;
  readonly #expirer: Expirer;
  readonly #progress: QueueProgress;
  #stops: (() => Promise<void>)[] = [];

  constructor(ports: CoordinatorPorts, options: CoordinatorOptions) {
    const { clock, random, logger, queue, batches, functions, workers } = ports;
    setMaxListeners(0, this.#stopping.signal); // one for each delivery that waits for something
    const timeouts = { visibilityTimeoutMs: options.visibilityTimeoutMs, retentionMs: options.retentionMs };
    this.#ports = ports;
    this.#timeouts = timeouts;
    this.#coordinatorId = options.coordinatorId;
    this.traces = ports.tracer && new Traces(ports.tracer);
    this.ledger = new Ledger(clock);
    this.keys = new RememberedKeys(clock, ports.keys, (id) => this.ledger.lookup(id) !== undefined);
    this.#progress = new QueueProgress(clock, options.visibilityTimeoutMs, {
      coordinatorId: options.coordinatorId,
      lastNumber: () => this.intake.lastBatchNumber,
    });
    this.registry = new WorkerRegistry(clock, options.workerSlots);
    this.drain = new DrainRate(clock);
    this.stats = new StatsRecorder(
      { clock, logger, stats: ports.statistics },
      options.coordinatorId,
      this.ledger,
    );
    this.heartbeats = new Heartbeats({
      clock,
      workers,
      addresses: ports.workerAddresses,
      proofs: ports.addressProofs,
      registry: this.registry,
      stats: this.stats,
      logger,
    });
    const onTerminal = terminalTaskRecorder(
      this.stats,
      this.measures,
      this.drain,
      new TaskLog(logger, clock),
    );
    this.rewriting = { clock, random, batches, ledger: this.ledger, onTerminal };
    this.#expirer = new Expirer(this.rewriting, timeouts, logger);
    const { marker, resources } = ports;
    this.stackResets = new StackResetDetector(
      { ...this.rewriting, queue, stats: this.stats, logger, marker, resources, keys: this.keys },
      timeouts,
    );

    const meter = new LoadMeter(options.batch.windowMs);
    this.intake = new Intake(
      { clock, random, queue, batches, ledger: this.ledger, traces: this.traces },
      {
        ...options.batch,
        coordinatorId: options.coordinatorId,
        visibilityTimeoutMs: options.visibilityTimeoutMs,
      },
      meter,
      () => this.registry.upCount(),
      (batch) => {
        this.measures.batchTasks.observe(batch.tasks.length);
        this.#expirer.watch(batch);
      },
    );
    this.ledger.onTerminal((batch, closed) => {
      meter.recordAnswers(batch.id, closed.length, clock.monotonic());
      this.intake.reconsider();
    });

    this.#unreadable = new UnreadableMessages(this.stats, logger);
    this.#deletes = new DeleteBatcher(clock, queue, logger);
    const slots = new Slots(this.registry, pickerOf(options.dispatch));
    const gate = new StoreGate(clock, logger);
    const context: DispatchContext = {
      ...this.rewriting,
      queue,
      functions,
      logger,
      registry: this.registry,
      slots,
      gate,
      suspects: new Turns(),
      durations: timeouts,
      options: {
        ...timeouts,
        coordinatorId: options.coordinatorId,
        redelivery: options.redelivery,
        invokeTimeoutMs: options.invokeTimeoutMs,
        callMs: Math.max(options.invokeTimeoutMs, 2 * options.visibilityTimeoutMs),
      },
      deletes: this.#deletes,
      unreadable: this.#unreadable,
      stats: this.stats,
      measures: this.measures,
      traces: this.traces,
      stopping: this.#stopping.signal,
      newWriteId: () => newWriteId(random),
    };
    this.#dispatcher = new Dispatcher(context, {
      onSetAside: (batch) => {
        meter.stopTracking(batch.id);
        this.intake.reconsider();
      },
      onReceived: (message) => this.#progress.recordReceived(message),
    });
    this.#receiver = new Receiver(
      { clock, queue, slots, gate, logger },
      options.visibilityTimeoutMs,
      (message, receivedFrom, reservation) => this.#dispatcher.deliver(message, receivedFrom, reservation),
    );
  }

  start(): void {
    const { clock, batches, functions, logger, queue } = this.#ports;
    const deadLetters = {
      ...this.rewriting,
      deadLetters: queue.deadLetters,
      stats: this.stats,
      unreadable: this.#unreadable,
      logger,
    };
    const isDelivering = (id: BatchId) => this.#dispatcher.isDelivering(id);
    const reconciling = {
      ...this.rewriting,
      queue,
      stats: this.stats,
      logger,
      progress: this.#progress,
      isDelivering,
    };
    this.#stops = [
      this.stackResets.start(),
      startReconciler(reconciling, this.#timeouts),
      startDeadLetterConsumer(deadLetters, this.#timeouts),
      this.heartbeats.start(),
      startProber({ clock, functions, registry: this.registry, logger }),
      startWatcher({ clock, batches, ledger: this.ledger, logger }, this.#coordinatorId),
      this.stats.start(),
    ];
    this.#receiver.start();
  }

  /** Drains, then gives back what is left. New tasks must be refused before. */
  async stop(deadlineMs: number): Promise<void> {
    await this.finish(deadlineMs);
    await this.release();
  }

  /** Sends what has gathered, receives no more, and lets deliveries end within the deadline. */
  async finish(deadlineMs: number): Promise<void> {
    const { clock } = this.#ports;
    this.intake.flush();
    const receiverEnded = this.#receiver.stop();
    const drained = receiverEnded.then(() => this.#dispatcher.drained());
    await settledWithin(clock, drained, deadlineMs);
    // A receive that still waits would be handed what is given back.
    await settledWithin(clock, receiverEnded, LONGEST_RECEIVE_MS);
  }

  /** Gives back at once what could not be finished, and ends everything else. A stack that is gone is not waited for. */
  async release(): Promise<void> {
    this.#stopping.abort();
    this.#expirer.stop();
    const released = this.#release();
    const inTime = await settledWithin(this.#ports.clock, released, LONGEST_RELEASE_MS);
    if (!inTime) this.#ports.logger.warn({}, 'stop.cut_short');
  }

  async #release(): Promise<void> {
    await this.#dispatcher.returnAll();
    await this.#deletes.flush();
    await Promise.all(this.#stops.map((stop) => stop()));
  }
}
