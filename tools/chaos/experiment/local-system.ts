/**
 * A stand-in for the connection to a started system: kill, pause and faults by process id and HTTP, nothing else. It is
 * here until the verbs of `npm run chaos` are.
 */
import { readdir, readFile } from 'node:fs/promises';
import { request } from 'undici';
import { waitMs } from '../../load/wait.js';
import type { StartedCopy } from '../../up/start-copy.js';
import { ChaosError, type ChaosSystem, type ProcessView, type Target } from '../system.js';

export function localSystem(copy: StartedCopy, workerToken: string): ChaosSystem {
  const paused = new Set<Target>();
  const faulty = new Map<Target, NodeJS.Timeout | undefined>();
  const cannot = (what: string) => (): Promise<never> =>
    Promise.reject(new ChaosError(`${what}: not here yet`));

  async function pidOf(target: Target): Promise<number> {
    const found = await pidsByLabel(copy.pid);
    const pid = found.get(target);
    if (pid === undefined) throw new ChaosError(`there is no ${target} just now`);
    return pid;
  }
  async function putFaults(worker: Target, faults: string): Promise<void> {
    const url = copy.workers.find(({ id }) => id === worker)?.url;
    const { statusCode, body } = await request(`${url ?? ''}/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${workerToken}` },
      body: JSON.stringify({ faults }),
    });
    const said = await body.text();
    if (statusCode !== 200) throw new ChaosError(`${worker} answered ${statusCode}: ${said}`);
  }
  async function untilBack(target: Target, before: number): Promise<void> {
    for (let tries = 0; tries < 200; tries += 1) {
      const now = (await pidsByLabel(copy.pid)).get(target);
      if (now !== undefined && now !== before) return;
      await waitMs(50, new AbortController().signal);
    }
    throw new ChaosError(`${target} did not come back`);
  }

  return {
    coordinatorUrl: copy.url,
    stackUrl: copy.stackUrl,
    workers: copy.workers,
    processes: async () =>
      [...(await pidsByLabel(copy.pid))].map(([name, pid]): ProcessView => ({ name, pid, state: 'running' })),
    injected: () => Promise.resolve([]),
    kill: async (target) => void process.kill(-(await pidOf(target)), 'SIGKILL'),
    stop: cannot('stop'),
    start: cannot('start'),
    pause: async (target) => {
      process.kill(-(await pidOf(target)), 'SIGSTOP');
      paused.add(target);
    },
    resume: async (target) => {
      process.kill(-(await pidOf(target)), 'SIGCONT');
      paused.delete(target);
    },
    restart: async (target, options) => {
      if (options?.empty === true) throw new ChaosError('restart stack empty: not here yet');
      const pid = await pidOf(target);
      process.kill(-pid, 'SIGTERM');
      await untilBack(target, pid);
    },
    fault: async (worker, faults, limits) => {
      await putFaults(worker, faults);
      const { forMs } = limits ?? {};
      clearTimeout(faulty.get(worker));
      const end = (): void => void putFaults(worker, 'none').catch(() => undefined);
      faulty.set(worker, forMs === undefined ? undefined : setTimeout(end, forMs));
    },
    network: cannot('network'),
    emptyQueue: cannot('empty queue'),
    heal: async () => {
      const healed: string[] = [];
      for (const target of paused) {
        process.kill(-(await pidOf(target)), 'SIGCONT');
        healed.push(`${target} resumed`);
      }
      paused.clear();
      for (const [worker, timer] of faulty) {
        clearTimeout(timer);
        await putFaults(worker, 'none').catch(() => undefined);
        healed.push(`${worker} without faults`);
      }
      faulty.clear();
      return healed;
    },
  };
}

/** Children carry a label such as `worker-3@<pid of the supervisor>` in their arguments. */
async function pidsByLabel(supervisorPid: number): Promise<ReadonlyMap<Target, number>> {
  const found = new Map<Target, number>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    const label = line.split('\0').find((part) => part.endsWith(`@${supervisorPid}`));
    if (label !== undefined) found.set(label.slice(0, label.indexOf('@')), Number(entry));
  }
  return found;
}
