import { describe, expect, it } from 'vitest';
import { cpuMsOfTree, parseMachineCpuMs, parseProcessStat, processTreeCpuMs } from '../../bench/cpu.js';

const AFTER_THE_NAME = 'S 41 42 42 0 -1 4194560 1 2 3 4 250 50 7 7 20 0 11 0 100 1 1';

describe('parseProcessStat', () => {
  it.each(['node', 'a b', 'tricky) R 1 2 ('])('reads past a program named %j', (name) => {
    expect(parseProcessStat(`42 (${name}) ${AFTER_THE_NAME}\n`)).toEqual({
      pid: 42,
      parentPid: 41,
      cpuMs: 3000,
    });
  });
});

describe('cpuMsOfTree', () => {
  it('adds up a process and all its descendants, and nobody else', () => {
    const processes = [
      { pid: 1, parentPid: 0, cpuMs: 1000 },
      { pid: 5, parentPid: 1, cpuMs: 10 },
      { pid: 6, parentPid: 5, cpuMs: 20 },
      { pid: 7, parentPid: 6, cpuMs: 40 },
      { pid: 8, parentPid: 1, cpuMs: 80 },
    ];
    expect(cpuMsOfTree(processes, 5)).toBe(70);
    expect(cpuMsOfTree(processes, 99)).toBe(0);
  });
});

describe('parseMachineCpuMs', () => {
  it('takes all that is not idle, what the host took included', () => {
    const lines = 'cpu  100 20 30 5000 600 1 2 3 0 0\ncpu0 50 10 15 2500 300 0 1 1 0 0\n';
    expect(parseMachineCpuMs(lines)).toBe(1560);
  });
});

describe.runIf(process.platform === 'linux')('processTreeCpuMs', () => {
  it('agrees with what this process knows of itself', async () => {
    const { user, system } = process.cpuUsage();
    const toleratedMs = 500; // ticks, and the work of this very test
    expect(Math.abs(((await processTreeCpuMs(process.pid)) ?? NaN) - (user + system) / 1000)).toBeLessThan(
      toleratedMs,
    );
  });
});
