/** The banner that a new user reads first: which process listens where, and what to try. */
import { wrapText } from '../infra/cli/wrap-text.js';

export interface BannerInput {
  readonly readyAfterMs: number;
  readonly processes: readonly { readonly name: string; readonly url: string; readonly what: string }[];
  readonly model: string;
  readonly faults: string;
  /** When a failed request is answered, and how to choose otherwise. */
  readonly redelivery?: string;
  readonly data: string;
  readonly coordinatorUrl: string;
  readonly needsApiKey: boolean;
  /** A text, and what the coordinator has just answered to it; absent where there was no quick answer. */
  readonly sample: { readonly text: string; readonly answer: string | undefined };
  /** Why an answer may fail to come quickly; absent where nothing is injected. */
  readonly slowAnswerReason: string | undefined;
  readonly monitorCommand: string;
  readonly burstCommand: string;
  readonly killCommand: string;
  readonly colours: boolean;
}

const WIDTH = 80;

export function printBanner(input: BannerInput): string {
  const bold = (text: string): string => (input.colours ? `\u001B[1m${text}\u001B[22m` : text);
  const dim = (text: string): string => (input.colours ? `\u001B[2m${text}\u001B[22m` : text);
  const seconds = (input.readyAfterMs / 1000).toFixed(1);
  const lines = [
    '',
    bold('Boomerang') + ': text sentiment from a real BERT, through a queue, on functions that',
    `are allowed to die. Ready after ${seconds} s.`,
    '',
    ...processTable(input),
    '',
    ...labelled('model', input.model),
    ...labelled('faults', input.faults),
    ...(input.redelivery === undefined ? [] : labelled('retries', input.redelivery)),
    ...labelled('data', input.data),
    '',
    bold('Try'),
    ...sampleRequest(input).map((line) => `  ${line}`),
    ...expectedAnswer(input).map((line) => dim(`    ${line}`)),
    '',
    ...suggestions(input).flatMap(([command, what]) => [`  ${command}`, dim(`    ${what}`)]),
    '',
    'Ctrl-C stops everything.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function suggestions(input: BannerInput): readonly (readonly [command: string, what: string])[] {
  return [
    [
      `curl -s ${input.coordinatorUrl}/workers${authorization(input)}`,
      'what each worker does, how fast, and which faults it injects',
    ],
    [`${input.coordinatorUrl}/`, 'in a browser: the dashboard, live'],
    [input.monitorCommand, 'the same in another terminal'],
    [input.burstCommand, 'sends many requests, and tells what became of them'],
    [input.killCommand, 'kills a worker: its tasks go to the others, and it is back in seconds'],
  ];
}

function processTable({ processes }: BannerInput): readonly string[] {
  const nameWidth = Math.max(...processes.map(({ name }) => name.length)) + 2;
  const urlWidth = Math.max(...processes.map(({ url }) => url.length)) + 2;
  return processes.map(({ name, url, what }) =>
    `  ${name.padEnd(nameWidth)}${url.padEnd(urlWidth)}${what}`.trimEnd(),
  );
}

function labelled(label: string, text: string): readonly string[] {
  const indent = 10;
  return wrapText(text, WIDTH - indent).map(
    (line, index) => `  ${(index === 0 ? label : '').padEnd(indent - 2)}${line}`,
  );
}

function sampleRequest(input: BannerInput): readonly string[] {
  const body = JSON.stringify({ text: input.sample.text }).replaceAll("'", `'\\''`);
  return [
    `curl -s ${input.coordinatorUrl}/infer${authorization(input)} \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d '${body}'`,
  ];
}

function expectedAnswer({ sample, slowAnswerReason }: BannerInput): readonly string[] {
  if (sample.answer === undefined)
    return wrapText(
      `no quick answer this time${slowAnswerReason === undefined ? '' : `: ${slowAnswerReason}`}`,
      WIDTH - 4,
    );
  return ['answered just now (ids, worker and times will differ):', ...wrapText(sample.answer, WIDTH - 4)];
}

function authorization({ needsApiKey }: BannerInput): string {
  return needsApiKey ? ` -H "authorization: Bearer $API_KEY"` : '';
}
