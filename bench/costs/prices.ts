/** List prices, and what units come to at them. Free tiers, storage, containers and traffic are left out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectRoot } from '../../infra/process/project-root.js';

const usd = z.number().nonnegative();
const pricesSchema = z.object({
  region: z.string(),
  asOf: z.string(),
  usdPerMillion: z.object({ sqsRequests: usd, writeUnits: usd, readUnits: usd }),
});

export type Prices = z.infer<typeof pricesSchema>;

/** Billed units. Writes of indexes count as writes. */
export interface Units {
  readonly sqsRequests: number;
  readonly writeUnits: number;
  readonly readUnits: number;
}

export const NO_UNITS: Units = { sqsRequests: 0, writeUnits: 0, readUnits: 0 };
const MILLION = 1_000_000;
/** As AWS counts a month: 730 hours. */
const SECONDS_PER_MONTH = 730 * 3600;

export function readPrices(): Prices {
  const path = join(projectRoot, 'bench', 'costs', 'prices.json');
  return pricesSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

export interface Price {
  readonly sqs: number;
  readonly dynamodb: number;
  readonly total: number;
}

/** In USD. */
export function priceOf({ sqsRequests, writeUnits, readUnits }: Units, { usdPerMillion }: Prices): Price {
  const sqs = (sqsRequests * usdPerMillion.sqsRequests) / MILLION;
  const writes = (writeUnits * usdPerMillion.writeUnits) / MILLION;
  const reads = (readUnits * usdPerMillion.readUnits) / MILLION;
  return { sqs, dynamodb: writes + reads, total: sqs + writes + reads };
}

export function perMillionTasks(units: Units, tasks: number, prices: Prices): Price {
  if (!(tasks > 0)) throw new RangeError('no tasks, no price of a task');
  return priceOf(times(units, MILLION / tasks), prices);
}

/** Units that are consumed all the time. */
export function perMonth(unitsASecond: Units, prices: Prices): number {
  return priceOf(times(unitsASecond, SECONDS_PER_MONTH), prices).total;
}

export function sumOf(all: readonly Units[]): Units {
  return all.reduce(
    (sum, units) => ({
      sqsRequests: sum.sqsRequests + units.sqsRequests,
      writeUnits: sum.writeUnits + units.writeUnits,
      readUnits: sum.readUnits + units.readUnits,
    }),
    NO_UNITS,
  );
}

export function times({ sqsRequests, writeUnits, readUnits }: Units, factor: number): Units {
  return {
    sqsRequests: sqsRequests * factor,
    writeUnits: writeUnits * factor,
    readUnits: readUnits * factor,
  };
}
