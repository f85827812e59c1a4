/** Prints results of executions as text. */
import type { SeedResult } from './simulate-seed.js';

const MS_PER_HOUR = 3_600_000;

/** Names the seed, the broken promise, and the command that replays it. */
export function describeFailure({ seed, violations }: SeedResult, furtherFlags: string): string {
  const [first] = violations;
  if (first === undefined) return `seed ${seed}: held`;
  return [
    `seed ${seed}: BROKEN after ${(first.atMs / 1000).toFixed(3)} s: ${first.promise}`,
    `  ${first.detail}`,
    `  replay: npm run simulate -- --seed ${seed}${furtherFlags}`,
  ].join('\n');
}

export function describeAll(results: readonly SeedResult[]): string {
  const tasks = sum(results.map((result) => result.tasks));
  const hours = sum(results.map((result) => result.virtualMs)) / MS_PER_HOUR;
  const faults = sumFaults(results);
  const broken = results.filter(({ violations }) => violations.length > 0);
  const total = sum(faults.map(([, count]) => count));
  const width = Math.max(0, ...faults.map(([kind]) => kind.length));
  return [
    `seeds            ${results.length}`,
    `tasks            ${tasks}`,
    `simulated hours  ${hours.toFixed(2)}`,
    `sent again       ${sum(results.map(({ resends }) => resends.presumedLost))} presumed lost, ${sum(results.map(({ resends }) => resends.unnecessary))} of them unnecessarily`,
    `emptied tables   ${describeTableResets(results)}`,
    `faults injected  ${total}`,
    ...faults.map(([kind, count]) => `  ${kind.padEnd(width)}  ${count}`),
    `violations       ${broken.length}${broken.length === 0 ? '' : `: seeds ${broken.map(({ seed }) => seed).join(', ')}`}`,
  ].join('\n');
}

/** Not violations: every coordinator that could restore these had died. */
function describeTableResets(results: readonly SeedResult[]): string {
  const [gone, changed, rekeyed] = (['gone', 'changed', 'rekeyed'] as const).map((kind) =>
    sum(results.map(({ tableResets }) => tableResets[kind])),
  );
  return `${gone} tasks lost, ${changed} with another end, ${rekeyed} keys with new tasks`;
}

function sumFaults(results: readonly SeedResult[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const { faults } of results) {
    for (const [kind, count] of faults) sums.set(kind, (sums.get(kind) ?? 0) + count);
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
