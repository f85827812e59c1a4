import { hideBin } from 'yargs/helpers';
import { stopSignal } from '../infra/process/stop-requests.js';
import { DEFAULT_TASKS, readConfig } from './config.js';
import { describeAll, describeFailure } from './report.js';
import { simulateSeed, type SeedResult } from './simulate-seed.js';

const { seeds, tasks, losses, mutant, trace } = readConfig(hideBin(process.argv));
const furtherFlags =
  (tasks === DEFAULT_TASKS ? '' : ` --tasks ${tasks}`) +
  (losses ? '' : ' --no-losses') +
  (mutant === undefined ? '' : ` --plant ${mutant.name}`);

process.stdout.on('error', () => process.exit(1)); // nobody reads any more
const stopping = stopSignal();

const results: SeedResult[] = [];
for (const seed of seeds) {
  if (stopping.aborted) break;
  const result = await simulateSeed(seed, { tasks, losses, mutant, trace: trace ? print : undefined });
  results.push(result);
  if (result.violations.length > 0) print(describeFailure(result, furtherFlags));
}
print(describeAll(results));
if (results.some(({ violations }) => violations.length > 0) || results.length < seeds.length)
  process.exitCode = 1;

function print(line: string): void {
  console.log(line);
}
