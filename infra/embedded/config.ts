import { z } from 'zod';
import { durability, type Durability } from '../../contracts/durability.js';
import { logLevel, port, readSettings, type Environment } from '../../contracts/settings.js';

export interface StackConfig {
  readonly host: string;
  readonly port: number;
  /** Where the tables lie; in memory where absent. */
  readonly dataDir: string | undefined;
  /** What a power cut may cost: `sync` answers nothing before it is on the disk, at the price of a few milliseconds. */
  readonly durability: Durability;
  readonly logLevel: string;
}

export function readStackConfig(environment: Environment): StackConfig {
  const settings = readSettings(
    {
      STACK_HOST: z.string().default('127.0.0.1'),
      STACK_PORT: port().default(4566),
      STACK_DATA: z.string().optional(),
      STACK_DURABILITY: durability(),
      LOG_LEVEL: logLevel(),
    },
    environment,
  );
  return {
    host: settings.STACK_HOST,
    port: settings.STACK_PORT,
    dataDir: settings.STACK_DATA,
    durability: settings.STACK_DURABILITY,
    logLevel: settings.LOG_LEVEL,
  };
}
