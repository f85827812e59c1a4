/**
 * Where the log lines of all processes come together. As JSON they pass as they are; for a person they are made
 * readable, and under load most are held back, so that the rest can be read.
 */
import { pino } from 'pino';
import { createLogFormatter } from '../infra/process/pretty-log.js';
import type { LogStyle } from '../infra/process/logger.js';
import { createLineBudget } from './line-budget.js';

export interface LogView {
  /** A line that a process printed: one of our JSON log lines or anything else. */
  readonly show: (processName: string, line: string) => void;
}

/** The name under which the supervisor's own lines come; they are few and never held back. */
export const SUPERVISOR = 'up';

/** The limit holds for each level, so that many info lines do not hide a warning. */
const LINES_PER_SECOND = 10;

export function createLogView({ format, colors }: LogStyle, write: (text: string) => void): LogView {
  return format === 'json' ? jsonView(write) : prettyView(colors, write);
}

function jsonView(write: (text: string) => void): LogView {
  const wrapper = pino(
    { base: {}, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) } },
    { write },
  );
  return {
    show: (processName, line) => {
      if (isLogLine(line)) write(`${line}\n`);
      else wrapper.info({ process: processName, line }, 'process.output');
    },
  };
}

function prettyView(colours: boolean, write: (text: string) => void): LogView {
  const formatLine = createLogFormatter(colours);
  const newBudget = (kind: string): (() => boolean) =>
    createLineBudget(LINES_PER_SECOND, (count) =>
      write(`… and ${count} more ${kind} lines in that second\n`),
    );
  const news = newBudget('info');
  const warnings = newBudget('warn');

  function fits(processName: string, line: string): boolean {
    const level = /^\{"level":"(\w+)"/.exec(line)?.[1];
    if (processName === SUPERVISOR || level === 'error' || level === 'fatal') return true;
    return level === 'warn' ? warnings() : news();
  }

  return {
    show: (processName, line) => {
      if (!isLogLine(line)) write(`${processName} | ${line}\n`);
      else if (fits(processName, line)) write(formatLine(line));
    },
  };
}

function isLogLine(line: string): boolean {
  return line.startsWith('{"level":"') && line.endsWith('}');
}
