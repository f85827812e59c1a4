import yargs from 'yargs';

export interface CostsConfig {
  readonly json: boolean;
  readonly batches: number;
  readonly idleSeconds: number;
}

export function readConfig(argv: readonly string[]): CostsConfig {
  const { json, batches, seconds } = yargs([...argv])
    .scriptName('npm run costs --')
    .usage(
      '$0 [flags]\n\nWhat SQS and DynamoDB of AWS would cost, from the calls that the main job makes on the embedded stack.',
    )
    .option('batches', { type: 'number', default: 120, describe: 'of each size, where many are under way' })
    .option('seconds', { type: 'number', default: 20, describe: 'how long an idle system is watched' })
    .option('json', { type: 'boolean', default: false, describe: 'print one JSON object instead of tables' })
    .check(({ batches, seconds }) => {
      if (!Number.isInteger(batches) || batches < 12 || batches > 10_000)
        throw new Error('--batches: expected a whole number from 12 to 10000');
      if (!(seconds >= 1 && seconds <= 600)) throw new Error('--seconds: expected a number from 1 to 600');
      return true;
    })
    .version(false)
    .strict()
    .showHelpOnFail(false, '--help lists what there is.')
    .parseSync();
  return { json, batches, idleSeconds: seconds };
}
