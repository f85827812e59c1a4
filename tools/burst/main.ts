/** `npm run burst`: loads a running system, and compares two such loads. */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { withSecretFiles } from '../../infra/process/secret-files.js';
import { stopSignal } from '../../infra/process/stop-requests.js';
import { readSentences } from '../examples/sentences.js';
import { createHttpClient } from '../../client/http.js';
import { EXIT_CODES } from './burst.js';
import { runBurst } from './cli.js';
import { readBurstConfig } from './config.js';
import { createCoordinatorClient } from './coordinator-client.js';
import { createPaint } from './paint.js';
import type { BurstSettings } from './settings.js';

const output = { isHeard: true };
// Such as `| head`: the load goes on to its end, and its files are written.
process.stdout.on('error', () => (output.isHeard = false));
process.stderr.on('error', () => undefined);

const config = readBurstConfig(withSecretFiles(process.env));

const exitCode = await runBurst(process.argv.slice(2), {
  apiKey: config.apiKey,
  url: config.url,
  connect,
  readFile: (path) => readFileSync(path, 'utf8'),
  examples: readSentences,
  writeFile: (path, text) => writeFileSync(path, text),
  checkWritable: (path) => closeSync(openSync(path, 'a')),
  screen,
  print: (text) => void process.stdout.write(`${text}\n`),
  printError: (text) => console.error(text),
  listenForStop: stopSignal,
  now: () => new Date(),
  columns: process.stdout.isTTY ? Math.min(110, process.stdout.columns) : 100,
});
await new Promise((resolve) => process.stdout.write('', resolve));
process.exitCode = exitCode === EXIT_CODES.ok && !output.isHeard ? EXIT_CODES.couldNot : exitCode;

function connect({ url, inFlight, timeout, apiKey }: BurstSettings) {
  // The limit that counts is that of each request.
  return createCoordinatorClient(
    createHttpClient({ url, connections: inFlight, timeoutMs: 2 * timeout, apiKey }),
  );
}

function screen(beside: boolean) {
  const stream = beside ? process.stderr : process.stdout;
  const isTerminal = stream.isTTY && !config.isDumb;
  return {
    screen: {
      write: (text: string) => void stream.write(text),
      isTerminal,
      columns: () => (stream.isTTY ? stream.columns : 200),
    },
    paint: createPaint(stream.isTTY && !config.disablesColors),
  };
}
