/** One burst from its settings to its exit code. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { messageOf } from '../../contracts/common/text.js';
import type { CoordinatorClient } from './coordinator-client.js';
import { LiveView, type Screen } from './live-view.js';
import type { Paint } from './paint.js';
import { drawPicture } from './picture.js';
import { planLoad, type LoadPlan } from './plan.js';
import { printGates, printSummary } from './print-summary.js';
import { csvOf, ndjsonOf } from './rows.js';
import { runLoad, type FinishedLoad } from './run-load.js';
import { BurstError, type BurstSettings } from './settings.js';
import { summarize } from './summarize.js';
import type { Summary } from './summary-schema.js';
import { readTexts, type TextPorts } from './texts.js';
import { TimeLimits } from './time-limit.js';

export const EXIT_CODES = { ok: 0, couldNot: 1, gateBroken: 99 } as const;

export interface BurstParts extends TextPorts {
  readonly connect: (settings: BurstSettings) => CoordinatorClient;
  readonly writeFile: (path: string, text: string) => void;
  /** Finds out before the load, not after it. @throws where it could not be written */
  readonly checkWritable: (path: string) => void;
  /** Where a person looks; `beside`: standard output is for a program. */
  readonly screen: (beside: boolean) => { readonly screen: Screen; readonly paint: Paint };
  readonly print: (text: string) => void;
  /** From the call on, Ctrl-C fires it. */
  readonly listenForStop: () => AbortSignal;
  readonly now: () => Date;
}

/** Up to so many requests each gets a line of its own. */
const MAX_REQUEST_LINES = 200;
const READINESS_TIMEOUT_MS = 5000;
/** How long requests under way may take after Ctrl-C. */
const STOP_GRACE_MS = 2000;

/** @returns the exit code. @throws BurstError where it could not run */
export async function burst(settings: BurstSettings, parts: BurstParts): Promise<number> {
  const pool = readTexts(settings, parts);
  const plan = planLoad(settings, pool.texts);
  const files = filesOf(settings);
  const isForProgram = printsJson(settings);
  const { screen, paint } = parts.screen(isForProgram);
  const show = (lines: readonly string[]): void => screen.write(lines.map((line) => `${line}\n`).join(''));

  const stop = parts.listenForStop();
  const coordinator = parts.connect(settings);
  try {
    const warning = await requireReachable(coordinator, settings, stop);
    for (const path of Object.values(files)) checkWritable(path, parts);
    if (warning !== undefined) show([paint.warn(warning)]);
    const startedAt = parts.now();
    const load = await runWatchedLoad(plan, settings, coordinator, { screen, paint, stop });
    const summary = summarize({ load, settings, textsFrom: pool.source, startedAt });
    if (!isForProgram) show(printSummary(summary, paint, Math.min(100, screen.columns())));
    show(printGates(summary, paint));
    if (isForProgram) parts.print(JSON.stringify(summary));
    const unwritten = writeAll(files, summary, load, parts, (line) => show([paint.dim(line)]));
    for (const line of unwritten) show([paint.bad(line)]);
    if (!summary.gates.every(({ held }) => held)) return EXIT_CODES.gateBroken;
    return unwritten.length === 0 ? EXIT_CODES.ok : EXIT_CODES.couldNot;
  } finally {
    await coordinator.close();
  }
}

function printsJson({ json }: BurstSettings): boolean {
  return json === '';
}

/** @throws BurstError where nobody is there who takes texts. @returns what to warn of */
async function requireReachable(
  coordinator: CoordinatorClient,
  { url }: BurstSettings,
  stop: AbortSignal,
): Promise<string | undefined> {
  const limits = new TimeLimits();
  stop.addEventListener('abort', () => limits.stop(), { once: true });
  const readiness = await limits.run(READINESS_TIMEOUT_MS, (signal) => coordinator.checkReadiness(signal));
  if (stop.aborted) throw new BurstError('stopped by hand before anything was sent');
  if (readiness.kind === 'unusable') throw new BurstError(`${url} ${readiness.problem}`);
  return readiness.kind === 'unready' ? `! ${url} ${readiness.problem}; going on` : undefined;
}

interface LoadView {
  readonly screen: Screen;
  readonly paint: Paint;
  readonly stop: AbortSignal;
}

async function runWatchedLoad(
  plan: LoadPlan,
  settings: BurstSettings,
  coordinator: CoordinatorClient,
  { screen, paint, stop }: LoadView,
): Promise<FinishedLoad> {
  const requests = plan.kind === 'paced' ? plan.requests.length : plan.count;
  const isForProgram = printsJson(settings);
  const view = new LiveView(screen, {
    each: settings.each ?? (!isForProgram && requests !== undefined && requests <= MAX_REQUEST_LINES),
    quiet: isForProgram && settings.each === undefined && !screen.isTerminal,
    durationMs: plan.durationMs === Infinity ? undefined : plan.durationMs,
    requests,
    stop,
    paint,
  });
  const options = {
    coordinator,
    timeoutMs: settings.timeout,
    followMs: settings.follow,
    deadlineMs: settings.deadline,
    keyed: settings.keys,
    async: settings.async,
    check: settings.check,
    // A time would not do: with --keys, two bursts at the same time would share their keys.
    runId: `burst-${randomUUID().slice(0, 8)}`,
    inFlight: settings.inFlight,
    graceMs: STOP_GRACE_MS,
  };
  try {
    return await runLoad(plan, options, stop, view);
  } finally {
    view.close();
  }
}

type FileKind = 'json' | 'csv' | 'ndjson' | 'svg';

function filesOf({ json, csv, ndjson, svg }: BurstSettings): Partial<Record<FileKind, string>> {
  const named = { json: json === '' ? undefined : json, csv, ndjson, svg };
  const requested = Object.entries(named).flatMap(([kind, path]) =>
    path === undefined ? [] : [[kind, path]],
  );
  const places = requested.map(([, path = '']) => resolve(path));
  const twice = requested.find(([, path = ''], index) => places.indexOf(resolve(path)) < index);
  if (twice !== undefined) throw new BurstError(`--${twice[0]} ${twice[1]}: another result is written there`);
  return Object.fromEntries(requested) as Partial<Record<FileKind, string>>;
}

function checkWritable(path: string, parts: BurstParts): void {
  try {
    parts.checkWritable(path);
  } catch (error) {
    throw new BurstError(`${path} cannot be written: ${messageOf(error)}`);
  }
}

/** The figures are there whether or not they can be written: so one that cannot be is told, and the others are. */
function writeAll(
  files: Partial<Record<FileKind, string>>,
  summary: Summary,
  { records }: FinishedLoad,
  { writeFile }: BurstParts,
  onWritten: (line: string) => void,
): readonly string[] {
  const contents: Readonly<Record<FileKind, () => string>> = {
    json: () => `${JSON.stringify(summary, null, 2)}\n`,
    csv: () => csvOf(records),
    ndjson: () => ndjsonOf(records),
    svg: () => drawPicture(summary, records),
  };
  return Object.entries(files).flatMap(([kind, path]) => {
    try {
      writeFile(path, contents[kind as FileKind]());
    } catch (error) {
      return [`${path} could not be written whole: ${messageOf(error)}`];
    }
    onWritten(`wrote ${path}`);
    return [];
  });
}
