import { availableParallelism, cpus } from 'node:os';

export interface Machine {
  readonly cores: number;
  readonly cpuModel: string;
  readonly node: string;
  /** Such as `linux x64`. */
  readonly platform: string;
  /** Whether CPU time could be told: it comes from Linux's /proc. */
  readonly cpuTimeKnown: boolean;
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpuModel: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpuTimeKnown: process.platform === 'linux',
  };
}
