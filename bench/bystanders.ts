import { machineCpuMs, processTreeCpuMs } from './cpu.js';

/**
 * Watches the rest of the machine. When cores are short, who gets them depends on how many processes ask: the system
 * has more of them than the bare model, so beside other programs it looks better than it is.
 */
export async function watchBystanders(): Promise<() => Promise<number | null>> {
  const startedAtMs = performance.now();
  const before = await bystandersCpuMs();
  return async () => {
    const after = await bystandersCpuMs();
    return before === null || after === null ? null : (after - before) / (performance.now() - startedAtMs);
  };
}

async function bystandersCpuMs(): Promise<number | null> {
  const [all, ours] = [await machineCpuMs(), await processTreeCpuMs(process.pid)];
  return all === null || ours === null ? null : all - ours;
}
