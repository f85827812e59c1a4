import { hideBin } from 'yargs/helpers';
import { stopSignal } from '../infra/process/stop-requests.js';
import { runBench, type BenchResult } from './bench.js';
import { readConfig } from './config.js';
import { printReport } from './table.js';

const config = readConfig(hideBin(process.argv), process.env);
const stopping = stopSignal();

try {
  const result = await runBench(config, stopping, (line) => console.error(line));
  print(result);
  if (result.complaints.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(stopping.aborted ? 'stopped before the end' : error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function print({ report, complaints, systemOutput }: BenchResult): void {
  console.log(config.json ? JSON.stringify(report) : printReport(report));
  if (complaints.length === 0) return;
  for (const complaint of new Set(complaints)) console.error(`error: ${complaint}`);
  console.error(`the system said: ${systemOutput}`);
}
