/** Log lines: one JSON object a line, or readable ones on a terminal. `msg` is the name of the event. */
import { pino } from 'pino';
import type { Environment } from '../../contracts/settings/settings.js';
import { shapeOf } from '../../contracts/settings/settings-table.js';
import { readSettings } from '../../contracts/settings/settings.js';
import { shortened } from '../../contracts/common/text.js';
import type { Output } from './output.js';
import { createLogFormatter } from './pretty-log.js';

export type LogFormat = 'pretty' | 'json';

export interface LoggerOptions {
  /** The name of the process: it goes into every line. */
  readonly name: string;
  /** One of pino's levels, or `silent`. */
  readonly level: string;
  /** Takes one JSON line a call. */
  readonly write: (jsonLine: string) => void;
}

export interface LogStyle {
  readonly format: LogFormat;
  readonly colors: boolean;
}

/**
 * `LOG_FORMAT` decides; without it a terminal gets readable lines, everything else JSON. Colours are for terminals
 * whose owner did not refuse them (https://no-color.org).
 */
export function readLogStyle(environment: Environment, isTerminal: boolean): LogStyle {
  const settings = readSettings(shapeOf('process'), environment);
  const refusesColors = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return {
    format: settings.LOG_FORMAT ?? (isTerminal ? 'pretty' : 'json'),
    colors: isTerminal && !refusesColors,
  };
}

export function createLogger({ name, level, write }: LoggerOptions): pino.Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { process: name, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }), log: boundFields },
    serializers: { error: serializeError },
  };
  return pino(options, { write });
}

/** A line is written at once: one of megabytes would hold its process up until somebody has read it. */
const MAX_FIELD_LENGTH = 16 * 1024;

function boundFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]: [string, unknown]) => [
      key,
      typeof value === 'string' ? shortened(value, MAX_FIELD_LENGTH) : value,
    ]),
  );
}

function serializeError(error: unknown): unknown {
  return error instanceof Error ? boundFields(pino.stdSerializers.err(error)) : error;
}

/** In this process and at once, so that the last words before an exit are not lost in a worker thread. */
export function createLogWriter({ format, colors }: LogStyle, output: Output): (jsonLine: string) => void {
  if (format === 'json') return output.write;
  const formatLine = createLogFormatter(colors);
  return (line) => output.write(formatLine(line));
}
