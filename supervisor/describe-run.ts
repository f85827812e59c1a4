/** The content of the banner for this run. */
import { relative } from 'node:path';
import { printFaults } from '../contracts/worker/faults.js';
import { describeFaults } from './describe-faults.js';
import type { BannerInput } from './banner.js';
import { DEFAULT_DATA_FOLDER, type SupervisorConfig } from './config.js';
import { COORDINATOR, STACK } from './plan-children.js';
import type { ChildView } from './supervisor.js';

export const SAMPLE_TEXT = 'The acting is wonderful and it made me laugh.';

export interface RunDescriptionInput {
  readonly config: SupervisorConfig;
  readonly children: readonly ChildView[];
  readonly coordinatorUrl: string;
  readonly readyAfterMs: number;
  readonly answer: string | undefined;
  readonly currentFolder: string;
  readonly projectRoot: string;
  readonly colours: boolean;
}

export function describeRun(input: RunDescriptionInput): BannerInput {
  const { config, children, coordinatorUrl, readyAfterMs, answer, colours } = input;
  return {
    readyAfterMs,
    processes: inOrder(children).map(({ name, url }) => ({ name, url, what: whatItDoes(name, config) })),
    model: config.model ?? 'the bundled one: 6-layer MiniLM, int8, fine-tuned for sentiment',
    faults: describeFaultsOf(config),
    redelivery: describeRedelivery(config),
    data: describeData(config, input.currentFolder),
    coordinatorUrl,
    needsApiKey: config.apiKey !== undefined,
    sample: { text: SAMPLE_TEXT, answer },
    slowAnswerReason: hasFaults(config) ? 'faults are on (off with --faults none)' : undefined,
    monitorCommand: command('npm run monitor', dataFlag(config, input.projectRoot)),
    burstCommand: command('npm run burst', isDefaultUrl(coordinatorUrl) ? '' : ` --url ${coordinatorUrl}`),
    killCommand: `npm run chaos -- kill any${dataFlag(config, input.projectRoot)}`,
    colours,
  };
}

function command(words: string, flags: string): string {
  return flags === '' ? words : `${words} --${flags}`;
}

/** Where tools look when nobody says where. */
function isDefaultUrl(coordinatorUrl: string): boolean {
  return coordinatorUrl === 'http://127.0.0.1:8080';
}

function describeFaultsOf(config: SupervisorConfig): string {
  const seed = config.faultSeed === undefined ? '' : `; seed ${config.faultSeed}`;
  const slow = hasFaults(config) ? '; so a request may take seconds (off with --faults none)' : '';
  return describeFaults(config.faults) + slow + seed;
}

function describeRedelivery({ redelivery }: SupervisorConfig): string {
  const seconds = redelivery.visibilityTimeoutSeconds;
  if (redelivery.kind === 'backoff')
    return `a failed request comes back after a back-off (or, with --redelivery timeout, after SQS's visibility timeout, ${seconds} s)`;
  return `a failed request takes about ${seconds} s: SQS's visibility timeout brings it back (sooner with --redelivery backoff)`;
}

function hasFaults({ faults }: SupervisorConfig): boolean {
  return printFaults(faults) !== 'none';
}

/** The processes that people use come first. */
function inOrder(children: readonly ChildView[]): readonly ChildView[] {
  const rank = ({ name }: ChildView): number => (name === COORDINATOR ? 0 : name === STACK ? 2 : 1);
  return [...children].sort((a, b) => rank(a) - rank(b));
}

function whatItDoes(name: string, { functions }: SupervisorConfig): string {
  if (name === COORDINATOR) return 'takes texts: POST /infer';
  if (name === STACK) return 'SQS and DynamoDB, embedded';
  return functions.count === 1 ? 'runs the model' : 'runs a model of its own';
}

/** npm runs scripts in the project's folder, wherever it was called from. */
function dataFlag({ dataFolder }: SupervisorConfig, projectRoot: string): string {
  const fromThere = relative(projectRoot, dataFolder);
  if (fromThere === DEFAULT_DATA_FOLDER) return '';
  return ` --data ${quoted(fromThere.startsWith('..') ? dataFolder : fromThere || '.')}`;
}

function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function describeData({ stack, dataFolder }: SupervisorConfig, currentFolder: string): string {
  if (stack === undefined) return 'in the SQS and DynamoDB that the environment names';
  const shortest = relative(currentFolder, dataFolder);
  const folder = shortest.startsWith('..') ? dataFolder : `${shortest || '.'}/`;
  const powerCut =
    stack.durability === 'sync' ? 'and a power cut' : 'a power cut costs a second at most, --durability';
  return `${folder} (survives a restart, ${powerCut}; --fresh starts empty)`;
}
