/** A report in the terminal: medians, with the range of several runs in brackets where speed is concerned. */
import type { Report, ReportRow } from './report.js';

const HEADINGS = [
  'system',
  'clients',
  'texts/request',
  'tasks/s',
  'share of bare',
  'p50 ms',
  'p99 ms',
  'CPU ms/task',
  'errors',
];

export function printReport(report: Report): string {
  const { machine, min, max } = report;
  const bareRate = figure(0, report.bareTextsPerSecond, min?.bareTextsPerSecond, max?.bareTextsPerSecond);
  const bareCpu = figure(2, report.bareCpuMsPerText, min?.bareCpuMsPerText, max?.bareCpuMsPerText);
  return [
    `${machine.cores} cores, ${machine.cpuModel}, Node ${machine.node}, ${machine.platform}`,
    '',
    `bare model, ${machine.cores} processes, tokenizing included: ${bareRate} texts/s, ${bareCpu} CPU ms a text`,
    ...idleLines(report),
    '',
    ...alignColumns([HEADINGS, ...report.rows.map(cells)]),
    '',
    `CPU is the system's, without the load generator; tasks/s are what is left beside it on the same machine.`,
    ...bystanderLines(report),
  ].join('\n');
}

function idleLines({ idleSystemCores }: Report): readonly string[] {
  if (idleSystemCores === null) return [];
  const percent = (idleSystemCores * 100).toFixed(1);
  return [`the system stood idle meanwhile and took ${percent} % of one core, which is counted back in`];
}

/** A heartbeat of the machine's own is nothing. */
const NEGLIGIBLE_CORES = 0.1;

function bystanderLines({ bystanderCores }: Report): readonly string[] {
  if (bystanderCores === null || bystanderCores < NEGLIGIBLE_CORES) return [];
  return [`Other programs took ${bystanderCores.toFixed(1)} cores meanwhile, so do not trust these figures.`];
}

function cells(row: ReportRow): readonly string[] {
  const { min, max } = row;
  return [
    row.system,
    String(row.clients),
    String(row.textsPerRequest),
    figure(0, row.tasksPerSecond, min?.tasksPerSecond, max?.tasksPerSecond),
    figure(2, row.share, min?.share, max?.share),
    figure(1, row.p50Ms),
    figure(1, row.p99Ms),
    figure(2, row.cpuMsPerTask),
    String(row.errors),
  ];
}

function figure(decimals: number, value: number | null, min?: number, max?: number): string {
  if (value === null) return 'unknown';
  const median = value.toFixed(decimals);
  if (min === undefined || max === undefined) return median;
  return `${median} (${min.toFixed(decimals)}–${max.toFixed(decimals)})`;
}

/** The first column to the left, figures to the right. */
function alignColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
