/** Log lines for people: time, process, event, then the fields, ids last, since they are long and matter least. */
import { z } from 'zod';

const logLine = z.looseObject({
  level: z.string(),
  time: z.string(),
  process: z.string(),
  msg: z.string(),
});
const thrown = z.looseObject({ message: z.string(), stack: z.string().optional() });

/** The width of the longest usual name, so that events stand below each other. */
const NAME_WIDTH = 'coordinator'.length;

const DIM = 2;
const COLOR_OF_LEVEL: Readonly<Record<string, number>> = { fatal: 31, error: 31, warn: 33, info: 36 };

/** Turns one JSON log line into one readable line, line break included; what is none stays as it is. */
export function createLogFormatter(colors: boolean): (jsonLine: string) => string {
  const paint = (text: string, code: number): string =>
    colors && text !== '' ? `\u001B[${code}m${text}\u001B[0m` : text;

  return (jsonLine) => {
    const parsed = logLine.safeParse(parseJson(jsonLine));
    if (!parsed.success) return jsonLine.endsWith('\n') ? jsonLine : `${jsonLine}\n`;
    const { level, time, process: name, msg, pid: _pid, error, ...fields } = parsed.data;
    const { inLine, below } = describeError(error);
    const urgency = level === 'info' ? '' : `${level.toUpperCase()} `;
    const parts = [
      paint(timeOfDay(time), DIM),
      name.padEnd(NAME_WIDTH),
      paint(urgency + msg, COLOR_OF_LEVEL[level] ?? DIM),
      ...inLine,
      paint(describeFields(fields), DIM),
    ];
    return `${parts.filter((part) => part !== '').join(' ')}\n${below}`;
  };
}

/** Local time, as the clock on the wall shows it. */
function timeOfDay(iso: string): string {
  const time = new Date(iso);
  const milliseconds = String(time.getMilliseconds()).padStart(3, '0');
  return `${time.toTimeString().slice(0, 8)}.${milliseconds}`;
}

function describeFields(fields: Readonly<Record<string, unknown>>): string {
  const isId = ([key]: readonly [string, unknown]): boolean => /(batch|task|request)Ids?$/.test(key);
  const entries = Object.entries(fields).filter(([, value]) => value !== null);
  const ordered = [...entries.filter((entry) => !isId(entry)), ...entries.filter(isId)];
  return ordered.map(([key, value]) => `${key}=${describeValue(value)}`).join(' ');
}

function describeValue(value: unknown): string {
  const isPlainWord = typeof value === 'string' && /^[^\s"=]+$/.test(value);
  return isPlainWord ? value : JSON.stringify(value);
}

function describeError(error: unknown): { readonly inLine: readonly string[]; readonly below: string } {
  if (error === undefined) return { inLine: [], below: '' };
  const { data } = thrown.safeParse(error);
  if (data === undefined) return { inLine: [describeValue(error)], below: '' };
  return { inLine: [data.message], below: data.stack === undefined ? '' : `${indent(data.stack)}\n` };
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // some library's words
  }
}
