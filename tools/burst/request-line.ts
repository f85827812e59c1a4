/** One line for one request that ended: success or failure, request id, worker, latency, retries. */
import { countLabels, showLabel } from './count-labels.js';
import { isError, isGood, OUTCOMES } from './outcome.js';
import type { Paint } from './paint.js';
import {
  correctedMs,
  hasEnded,
  retriesOf,
  workersOf,
  type EndedRecord,
  type RequestRecord,
} from './record.js';
import { showMs } from './format.js';

const ID_WIDTH = 18;
const WORKER_WIDTH = 10;
const LATENCY_WIDTH = 8;
const RETRIES_WIDTH = 7;

export function requestHeading(paint: Paint): string {
  return paint.dim(
    `  ${'request'.padEnd(ID_WIDTH)}  ${'worker'.padEnd(WORKER_WIDTH)}  ${'latency'.padStart(LATENCY_WIDTH)}  ${'retries'.padStart(RETRIES_WIDTH)}  answer`,
  );
}

export function requestLine(record: RequestRecord, paint: Paint, width: number): string {
  if (!hasEnded(record)) return '';
  const [worker = '–', ...others] = workersOf(record);
  const workers = others.length === 0 ? worker : `${worker} +${others.length}`;
  const retries = retriesOf(record);
  const cells = [
    mark(record),
    record.requestId.padEnd(ID_WIDTH),
    ` ${workers.padEnd(WORKER_WIDTH)} `,
    showMs(correctedMs(record)).padStart(LATENCY_WIDTH),
    ` ${(retries === 0 ? '–' : String(retries)).padStart(RETRIES_WIDTH)} `,
    answer(record),
  ];
  const line = cut(cells.join(' '), width);
  if (isError(record.outcome)) return paint.bad(line);
  return record.outcome === 'retried' ? paint.warn(line) : line;
}

function mark({ outcome }: EndedRecord): string {
  if (outcome === 'retried') return '↻';
  return isGood(outcome) ? '✓' : isError(outcome) ? '✗' : '·';
}

function answer({ outcome, problem, tasks, texts }: EndedRecord): string {
  if (outcome === 'wrong') {
    const index = tasks.findIndex((task) => task.outcome === 'wrong');
    return `${showLabel(tasks[index]?.label)}, not ${texts[index]?.expected ?? '?'}`;
  }
  if (!isGood(outcome)) return OUTCOMES[outcome] + (problem === undefined ? '' : `: ${problem}`);
  return tasks.length === 1 ? showLabel(tasks[0]?.label) : countLabels(tasks.map(({ label }) => label));
}

export function cut(line: string, width: number): string {
  const characters = Array.from(line);
  return characters.length <= width ? line : `${characters.slice(0, width - 1).join('')}…`;
}
