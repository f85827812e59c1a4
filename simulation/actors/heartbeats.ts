/** Each worker sends a heartbeat once a second to one of the listening coordinators, as through a load balancer. */
import { HEARTBEAT_INTERVAL_MS } from '../../contracts/worker/worker.js';
import type { Execution } from '../engine/execution.js';
import type { CoordinatorMachine } from './coordinator-machine.js';
import type { SimWorker } from '../workers/sim-worker.js';

export function startHeartbeats(
  { time, random: seeded }: Execution,
  worker: SimWorker,
  machines: readonly CoordinatorMachine[],
): void {
  const random = seeded.fork(`beats of ${worker.id}`);
  const beat = () => {
    time.after(HEARTBEAT_INTERVAL_MS, beat);
    const listening = machines.flatMap((machine) => machine.listening ?? []);
    if (!worker.isAwake || listening.length === 0) return;
    const { host, coordinator } = random.pick(listening);
    const heartbeat = worker.heartbeat();
    // The worker does not depend on whether the coordinator could store it.
    host.enter(() => void coordinator.heartbeats.beat(worker.id, heartbeat).catch(() => undefined));
  };
  time.after(random.between(0, HEARTBEAT_INTERVAL_MS), beat);
}
