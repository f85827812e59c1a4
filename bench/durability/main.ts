/** `npm run durability`: what syncing costs a put, with the embedded stack in a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import yargs from 'yargs';
import { DURABILITIES, type Durability } from '../../contracts/settings/durability.js';
import { createClients } from '../../infra/aws/clients.js';
import { ensureTables } from '../../infra/aws/ensure-tables.js';
import { startEmbeddedStack } from '../../infra/embedded/stack.js';
import { tableNames } from '../../infra/resources/resources.js';
import { percentile } from '../../tools/kit/numbers/percentile.js';

const ITEM_BYTES = 4000;
const ignore = (): void => undefined;
const silent = { debug: ignore, info: ignore, warn: ignore, error: console.error };

const flags = yargs(process.argv.slice(2))
  .scriptName('npm run durability --')
  .usage('$0 [flags]\n\nWhat syncing costs: puts of 4 KB by so many writers, in turns.')
  .option('writers', { type: 'number', default: 16, describe: 'at a time' })
  .option('seconds', { type: 'number', default: 4, describe: 'of each measurement' })
  .option('rounds', { type: 'number', default: 2, describe: 'of all' })
  .option('folder', { type: 'string', default: tmpdir(), describe: 'on the disk that matters' })
  .version(false)
  .strict()
  .parseSync();

for (let round = 0; round < flags.rounds; round += 1) {
  for (const durability of DURABILITIES) console.log(await measure(durability));
}

async function measure(durability: Durability): Promise<string> {
  const dataDir = await mkdtemp(join(flags.folder, 'boomerang-durability-'));
  const stack = await startEmbeddedStack({
    host: '127.0.0.1',
    port: 0,
    logger: silent,
    dataDir,
    durability,
  });
  const clients = createClients({
    endpointSqs: stack.url,
    endpointDynamodb: stack.url,
    region: 'us-east-1',
    live: false,
  });
  try {
    await ensureTables(clients.dynamodb);
    const tookMs: number[] = [];
    const endsAt = performance.now() + flags.seconds * 1000;
    const write = async (writer: number): Promise<void> => {
      for (let number = 0; performance.now() < endsAt; number += 1) {
        const startedAt = performance.now();
        const Item = { key: { S: `${writer}-${number}` }, text: { S: 'x'.repeat(ITEM_BYTES) } };
        await clients.dynamodb.send(new PutItemCommand({ TableName: tableNames.keys, Item }));
        tookMs.push(performance.now() - startedAt);
      }
    };
    await Promise.all(Array.from({ length: flags.writers }, (_, writer) => write(writer)));
    const [p50, p99] = [0.5, 0.99].map((share) => percentile(tookMs, share)?.toFixed(1));
    const rate = Math.round(tookMs.length / flags.seconds);
    return `${durability.padEnd(9)} ${rate} puts/s  p50 ${p50} ms  p99 ${p99} ms`;
  } finally {
    clients.close();
    await stack.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}
