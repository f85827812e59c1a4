/** CPU time from Linux's /proc; `null` where there is none. */
import { readFile, readdir } from 'node:fs/promises';

export interface ProcessStat {
  readonly pid: number;
  readonly parentPid: number;
  readonly cpuMs: number;
}

/** The kernel's user interface counts in this unit, on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time of a process and everything it has started. */
export async function processTreeCpuMs(rootPid: number): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  return cpuMsOfTree(await readProcesses(), rootPid);
}

/** CPU time of everything on this machine, and what its host took for others. */
export async function machineCpuMs(): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  return parseMachineCpuMs(await readFile('/proc/stat', 'utf8'));
}

export function parseMachineCpuMs(procStat: string): number {
  const [user = NaN, nice = NaN, system = NaN, _idle, _ioWait, irq = NaN, softIrq = NaN, steal = NaN] =
    procStat
      .replace(/^cpu\s+/, '')
      .split(' ')
      .map(Number);
  return ticksToMs(user + nice + system + irq + softIrq + steal);
}

export function cpuMsOfTree(processes: readonly ProcessStat[], rootPid: number): number {
  const own = processes.filter(({ pid }) => pid === rootPid);
  const children = processes.filter(({ parentPid }) => parentPid === rootPid);
  const ownMs = own.reduce((total, { cpuMs }) => total + cpuMs, 0);
  return children.reduce((total, { pid }) => total + cpuMsOfTree(processes, pid), ownMs);
}

/** One line of /proc/PID/stat. The program's name may hold blanks and brackets, so fields count from its last bracket. */
export function parseProcessStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [parentPid, userTicks, systemTicks] = [fields[1], fields[11], fields[12]].map(Number);
  const ticks = (userTicks ?? NaN) + (systemTicks ?? NaN);
  return {
    pid: Number.parseInt(line, 10),
    parentPid: parentPid ?? NaN,
    cpuMs: ticksToMs(ticks),
  };
}

async function readProcesses(): Promise<readonly ProcessStat[]> {
  const names = await readdir('/proc');
  const lines = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map(readStat));
  return lines.filter((line) => line !== undefined).map(parseProcessStat);
}

/** A process may end between the listing and the reading. */
async function readStat(pid: string): Promise<string | undefined> {
  return readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
}

function ticksToMs(ticks: number): number {
  return (ticks * 1000) / TICKS_PER_SECOND;
}
