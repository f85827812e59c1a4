/** Checks of the limits that the experiment itself sets. */
import { counted } from '../../kit/numbers/counted.js';
import { percentile } from '../../kit/numbers/percentile.js';
import { printDuration } from '../../kit/numbers/duration.js';
import { acceptedTasks, taskResultOf, type Evidence } from '../evidence/evidence.js';
import { countInjectedFaults, countResent } from './figures.js';
import { lateAnswers } from './once.js';
import { noneOf, type Check, type CheckResult } from './check.js';

export const failureLimit: Check = (evidence) => {
  const { failed: allowed } = evidence.settings;
  const tasks = acceptedTasks(evidence);
  const failed = tasks.filter((task) => taskResultOf(task, evidence) === 'failed');
  const say = (task: (typeof failed)[number]): string => `${task.taskId} failed: ${task.text}`;
  if (allowed === 'any') return [];
  if (allowed === 'poisonous') {
    const isPoisonous = ({ text }: { readonly text: string }): boolean =>
      evidence.poison !== undefined && text.includes(evidence.poison);
    const others = failed.filter((task) => !isPoisonous(task)).map(say);
    const survivors = tasks.filter(isPoisonous).filter((task) => taskResultOf(task, evidence) !== 'failed');
    const odd = [...others, ...survivors.map(({ taskId }) => `${taskId} is poisonous and did not fail`)];
    return noneOf(
      'poisonous texts fail, and fail alone',
      odd,
      `${failed.length} failed, ${others.length} of them neighbours`,
    );
  }
  const most = allowed === 'none' ? 0 : allowed.atMost;
  const name = most === 0 ? 'no task fails' : `at most ${most} tasks fail`;
  return { ...noneOf(name, failed.map(say), `${failed.length} failed`), held: failed.length <= most };
};

/** p99 of a few faults is the slowest of them. */
export const recoveryLimit: Check = ({ settings, recoveries }) => {
  const results: CheckResult[] = [];
  if (settings.recovery !== undefined) {
    results.push(
      within(
        'throughput is back',
        settings.recovery,
        recoveries.map(({ throughputMs }) => throughputMs),
      ),
    );
  }
  if (settings.underWay !== undefined) {
    results.push(
      within(
        'what was under way is final',
        settings.underWay,
        recoveries.map(({ underWayMs }) => underWayMs),
      ),
    );
  }
  return results;
};

function within(name: string, limitMs: number, times: readonly (number | undefined)[]): CheckResult {
  const p99Ms = percentile(
    times.map((time) => time ?? Infinity),
    0.99,
  );
  const finding =
    p99Ms === undefined
      ? 'there was no fault'
      : `${Number.isFinite(p99Ms) ? `p99 ${printDuration(p99Ms)}` : 'not at all'} after ${counted(times.length, 'fault')}`;
  return {
    name: `${name} within ${printDuration(limitMs)}`,
    held: p99Ms !== undefined && p99Ms <= limitMs,
    finding,
    examples: [],
  };
}

/** A fault that nobody met proves nothing. */
export const faultsObserved: Check = ({ settings, stored }: Evidence) => {
  const results: CheckResult[] = [];
  const views = [...stored.values()];
  const atLeast = (name: string, least: number, count: number): CheckResult => ({
    name: `${name}: at least ${least}`,
    held: count >= least,
    finding: count === 1 ? '1 was' : `${count} were`,
    examples: [],
  });
  if (settings.late !== undefined) {
    const late = views.reduce((total, view) => total + lateAnswers(view), 0);
    results.push(atLeast('answers came late', settings.late.atLeast, late));
  }
  if (settings.faults !== undefined) {
    const injected = Object.values(countInjectedFaults(views)).reduce((total, count) => total + count, 0);
    results.push(atLeast('faults were injected', settings.faults.atLeast, injected));
  }
  return results;
};

/** Messages that only wait for their turn are not lost. */
export const resendLimit: Check = ({ settings, stored }) => {
  const most = settings.resent?.atMost;
  if (most === undefined) return [];
  const count = countResent([...stored.values()]);
  const name = `messages were sent again: at most ${most}`;
  return { name, held: count <= most, finding: `${count} were`, examples: [] };
};

export const ranToCompletion: Check = ({ stopped }) => ({
  name: 'no stop condition was met',
  held: stopped === undefined,
  finding: stopped ?? 'it ran to its end',
  examples: [],
});
