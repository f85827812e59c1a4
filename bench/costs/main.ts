/** `npm run costs`: what AWS would charge for a million tasks, and for a month without any. */
import { hideBin } from 'yargs/helpers';
import { readConfig } from './config.js';
import { measureIdle, measureLoad, type Load } from './measure.js';
import { readPrices } from './prices.js';
import { loadCosts, printCosts, standingCosts, statisticsCosts, type LoadCosts } from './report.js';

const SIZES = [1, 8, 32];
const ALONE = { clients: 1, batches: 12 };
const BUSY_CLIENTS = 24;

const config = readConfig(hideBin(process.argv));
const prices = readPrices();
const loads: LoadCosts[] = [];
let statisticsUsdAMonth = 0;

for (const tasksABatch of SIZES) {
  const shapes: Load[] = [ALONE, { clients: BUSY_CLIENTS, batches: config.batches }].map((shape) => ({
    tasksABatch,
    ...shape,
  }));
  for (const load of shapes) {
    const calls = await measureLoad(load);
    loads.push(loadCosts(load, calls, prices));
    statisticsUsdAMonth = statisticsCosts(calls, prices);
  }
}
const standing = standingCosts(await measureIdle(config.idleSeconds), config.idleSeconds, prices);
const costs = { prices, loads, standing, statisticsUsdAMonth };
console.log(config.json ? JSON.stringify(costs) : printCosts(costs));
