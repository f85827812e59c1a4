/** In which flags two runs differ: who wants them alike has to know what to write. */
import type { Summary } from './summary-schema.js';

type Load = Summary['load'];

interface Flag {
  readonly flag: (load: Load) => string;
  readonly value: (load: Load) => string;
}

const duration = (ms: number | null): string => (ms === null ? 'none' : `${ms / 1000}s`);
const orNone = (value: number | string | null): string => (value === null ? 'none' : String(value));
const isOn = (on: boolean): string => (on ? 'on' : 'off');

const FLAGS: readonly Flag[] = [
  { flag: () => '--closed', value: ({ clients }) => orNone(clients) },
  { flag: () => '--arrivals', value: ({ arrivals }) => orNone(arrivals) },
  { flag: () => '--rate', value: ({ ratePerSecond }) => orNone(ratePerSecond) },
  {
    flag: ({ arrivals }) => (arrivals === 'ramp' ? '--to' : '--peak'),
    value: ({ peakPerSecond }) => orNone(peakPerSecond),
  },
  { flag: () => '--seed', value: ({ seed }) => String(seed) },
  { flag: () => '--texts', value: ({ textsPerRequest }) => String(textsPerRequest) },
  { flag: () => '--text or --file:', value: ({ textsFrom }) => textsFrom },
  { flag: () => '--keys', value: ({ keys }) => isOn(keys) },
  { flag: () => '--async', value: (load) => isOn(load.async) },
  { flag: () => '--check', value: ({ checked }) => isOn(checked) },
  { flag: () => '--deadline', value: ({ deadlineMs }) => duration(deadlineMs) },
  { flag: () => '--timeout', value: ({ timeoutMs }) => duration(timeoutMs) },
  { flag: () => '--follow', value: ({ followMs }) => duration(followMs) },
];

/** Such as `--texts 1 and 2`. */
export function loadDifferences(before: Load, after: Load): readonly string[] {
  return FLAGS.filter(({ value }) => value(before) !== value(after)).map(
    ({ flag, value }) => `${flag(after)} ${value(before)} and ${value(after)}`,
  );
}
