/** The content of `GET /metrics`: the coordinator's own numbers, those of its workers, and those of the stack. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { Clock } from '../../contracts/system/clock.js';
import type { Coordinator } from '../coordinator.js';
import type { SdkCalls } from '../measures/sdk-calls.js';
import { addStackMetrics } from './stack-metrics.js';
import { StackReader, type StackReadingPorts } from './stack-reading.js';
import { addTaskMetrics } from './task-metrics.js';
import { addDeliveryMetrics } from './delivery-metrics.js';
import { addWorkerMetrics } from './worker-metrics.js';

export interface MetricsPorts extends StackReadingPorts {
  readonly clock: Clock;
  readonly coordinator: Pick<Coordinator, 'measures' | 'stats' | 'ledger' | 'registry'>;
  readonly sdkCalls: SdkCalls;
  /** CPU, memory and event loop of the process as well, which may hold several coordinators in tests. */
  readonly ofProcess: boolean;
}

export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
}

export function createMetrics(
  ports: MetricsPorts,
  { visibilityTimeoutMs }: { readonly visibilityTimeoutMs: number },
): Metrics {
  const registry = new Registry();
  const reader = new StackReader(ports, visibilityTimeoutMs);
  const { measures, stats, ledger } = ports.coordinator;
  addTaskMetrics(registry, measures, stats, ledger);
  addDeliveryMetrics(registry, measures, stats);
  addWorkerMetrics(registry, ports.coordinator.registry);
  const stack = addStackMetrics(registry, ports.sdkCalls);
  if (ports.ofProcess) collectDefaultMetrics({ register: registry });
  return {
    contentType: registry.contentType,
    render: async () => {
      stack.show(await reader.read());
      return registry.metrics();
    },
  };
}
