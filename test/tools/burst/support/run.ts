/** A burst in this very process, against a fake coordinator. */
import { createHttpClient } from '../../../../client/http.js';
import type { CliParts } from '../../../../tools/burst/cli.js';
import { runBurst } from '../../../../tools/burst/cli.js';
import { createCoordinatorClient } from '../../../../tools/burst/coordinator-client.js';
import { createPaint } from '../../../../tools/burst/paint.js';
import { summarySchema, type Summary } from '../../../../tools/burst/summary-schema.js';

export interface BurstRun {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
  readonly shown: string;
  readonly written: Readonly<Record<string, string>>;
}

export const EXAMPLES = [
  { text: 'What a wonderful day.', label: 'POSITIVE' },
  { text: 'What a dreadful day.', label: 'NEGATIVE' },
];

export async function runHere(
  words: readonly string[],
  parts: Partial<CliParts> & { readonly isTerminal?: boolean } = {},
): Promise<BurstRun> {
  const printed = { out: '', errors: '', shown: '' };
  const written: Record<string, string> = {};
  const { isTerminal = false, ...others } = parts;
  const code = await runBurst(words, {
    apiKey: undefined,
    url: 'http://127.0.0.1:8080',
    connect: ({ url, inFlight, timeout, apiKey }) =>
      createCoordinatorClient(
        createHttpClient({ url, connections: inFlight, timeoutMs: 2 * timeout, apiKey }),
      ),
    readFile: (path) => {
      throw new Error(`there is no ${path}`);
    },
    examples: () => EXAMPLES,
    writeFile: (path, text) => (written[path] = text),
    checkWritable: () => undefined,
    screen: () => ({
      screen: { write: (text) => (printed.shown += text), isTerminal, columns: () => 100 },
      paint: createPaint(false),
    }),
    print: (text) => (printed.out += `${text}\n`),
    printError: (text) => (printed.errors += `${text}\n`),
    listenForStop: () => new AbortController().signal,
    now: () => new Date('2026-11-24T01:00:00Z'),
    columns: 100,
    ...others,
  });
  return { code, ...printed, written };
}

/** A run that is expected to come to a summary. */
export async function summaryOf(words: readonly string[], parts: Partial<CliParts> = {}): Promise<Summary> {
  const { out, errors } = await runHere([...words, '--json'], parts);
  if (out === '') throw new Error(errors);
  return summarySchema.parse(JSON.parse(out));
}
