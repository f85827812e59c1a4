/** One row for each request, for spreadsheets (CSV, RFC 4180) and for programs (one JSON object a line). */
import { roundToTenth } from './latencies.js';
import {
  correctedMs,
  hasEnded,
  rawMs,
  retriesOf,
  workersOf,
  type EndedRecord,
  type RequestRecord,
} from './record.js';

const COLUMNS = [
  'number',
  'requestId',
  'outcome',
  'plannedMs',
  'sentMs',
  'acceptedMs',
  'endedMs',
  'latencyMs',
  'rawLatencyMs',
  'texts',
  'retries',
  'workers',
  'taskIds',
  'labels',
  'problem',
] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string | number | readonly string[] | null>>;

export function csvOf(records: readonly RequestRecord[]): string {
  const lines = rowsOf(records).map((row) => COLUMNS.map((column) => field(row[column])).join(','));
  return [COLUMNS.join(','), ...lines].map((line) => `${line}\r\n`).join('');
}

export function ndjsonOf(records: readonly RequestRecord[]): string {
  return rowsOf(records)
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
}

function rowsOf(records: readonly RequestRecord[]): readonly Row[] {
  return records.filter(hasEnded).map(rowOf);
}

function rowOf(record: EndedRecord): Row {
  const { index, requestId, outcome, plannedAtMs, sentAtMs, acceptedAtMs, endedAtMs, tasks } = record;
  const orNothing = (ms: number | undefined): number | null => (ms === undefined ? null : roundToTenth(ms));
  return {
    number: index + 1,
    requestId,
    outcome,
    plannedMs: roundToTenth(plannedAtMs),
    sentMs: orNothing(sentAtMs),
    acceptedMs: orNothing(acceptedAtMs),
    endedMs: roundToTenth(endedAtMs),
    latencyMs: roundToTenth(correctedMs(record)),
    rawLatencyMs: roundToTenth(rawMs(record)),
    texts: record.texts.length,
    retries: retriesOf(record),
    workers: workersOf(record),
    taskIds: tasks.map(({ taskId }) => taskId),
    labels: tasks.map(({ label = '' }) => label),
    problem: record.problem ?? null,
  };
}

function field(value: Row[keyof Row]): string {
  const text = value === null ? '' : typeof value === 'object' ? value.join(' ') : String(value);
  // A spreadsheet would take such a text for a formula.
  const harmless = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
