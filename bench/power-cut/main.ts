/**
 * `npm run power-cut`: takes the power from a disk in the middle of load, repairs its file system, starts the system on it
 * again, and counts which accepted tasks are gone. Needs root (it mounts an image), e2fsprogs and python3.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import yargs from 'yargs';
import { DURABILITIES, type Durability } from '../../contracts/settings/durability.js';
import { stopSignal } from '../../infra/process/stop-requests.js';
import { createHttpClient } from '../../client/http.js';
import { startCopy, type StartedCopy } from '../../tools/kit/system/start-copy.js';
import { Disk } from './image.js';
import { accept, type Accepted } from './load.js';

const REQUEST_TIMEOUT_MS = 30_000;
const TERMINAL_WITHIN_MS = 120_000;

const flags = yargs(process.argv.slice(2))
  .scriptName('npm run power-cut --')
  .usage('$0 [flags]\n\nWhat a power cut costs. Needs root, e2fsprogs and python3.')
  .option('durability', { choices: DURABILITIES, describe: 'one of them; both where absent' })
  .option('seconds', { type: 'number', default: 10, describe: 'of load before each cut' })
  .option('clients', { type: 'number', default: 32, describe: 'half of them wait for their answers' })
  .option('cuts', { type: 'number', default: 1, describe: 'how often, each on a disk of its own' })
  .version(false)
  .strict()
  .parseSync();

const stopRequested = stopSignal();
for (const durability of flags.durability === undefined ? DURABILITIES : [flags.durability]) {
  for (let cut = 0; cut < flags.cuts; cut += 1) console.log(await measure(durability, stopRequested));
}
process.exit(0);

async function measure(durability: Durability, signal: AbortSignal): Promise<string> {
  const workFolder = await mkdtemp(join(tmpdir(), 'boomerang-power-cut-'));
  const disk = await Disk.create(workFolder);
  try {
    const start = () =>
      startCopy(
        {
          environment: { ...process.env, STACK_DURABILITY: durability, LOG_FORMAT: 'json' },
          flags: ['--faults', 'none', '--visibility-timeout', '5'],
          dataFolder: disk.folder,
        },
        signal,
      );
    const { accepted, cutAtMs } = await loadAndCut(await start(), disk);
    await disk.repair();
    disk.mount();
    const copy = await start();
    try {
      const gone = await findGone(copy, accepted);
      return describe(durability, accepted, gone, cutAtMs);
    } finally {
      await copy.stop();
    }
  } finally {
    await disk.remove();
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function loadAndCut(copy: StartedCopy, disk: Disk) {
  const client = clientOf(copy);
  const loadOver = new AbortController();
  const load = accept(client, flags.clients, loadOver.signal);
  await pause(flags.seconds * 1000);
  disk.cut();
  const cutAtMs = performance.now();
  loadOver.abort();
  await client.close();
  const accepted = (await load).filter(({ atMs }) => atMs <= cutAtMs);
  copy.kill();
  await copy.stop();
  return { accepted, cutAtMs };
}

/** Those that are left must all become final: they were accepted. */
async function findGone(copy: StartedCopy, accepted: readonly Accepted[]): Promise<Set<Accepted>> {
  const client = clientOf(copy);
  const gone = new Set<Accepted>();
  const deadlineMs = performance.now() + TERMINAL_WITHIN_MS;
  const left = [...accepted];
  const look = async (): Promise<void> => {
    for (let task = left.pop(); task !== undefined; task = left.pop()) {
      while (await isUnfinished(task)) await pause(100);
    }
  };
  const isUnfinished = async (task: Accepted): Promise<boolean> => {
    const { status, body } = await client.send({ method: 'GET', path: `/tasks/${task.taskId}` });
    if (status === 404) gone.add(task);
    if (status === 404 || (status === 200 && /"status":"(succeeded|failed)"/.test(body))) return false;
    if (performance.now() > deadlineMs)
      throw new Error(`${task.taskId} does not become final: ${status} ${body}`);
    return true;
  };
  await Promise.all(Array.from({ length: flags.clients }, look));
  await client.close();
  return gone;
}

function describe(
  durability: Durability,
  accepted: readonly Accepted[],
  gone: ReadonlySet<Accepted>,
  cutAtMs: number,
): string {
  const old = accepted.filter(({ atMs }) => cutAtMs - atMs > 1000);
  const count = (tasks: readonly Accepted[]) => tasks.filter((task) => gone.has(task)).length;
  const oldestMs = Math.max(0, ...[...gone].map(({ atMs }) => cutAtMs - atMs));
  return (
    `${durability}: ${accepted.length} accepted (${accepted.filter(({ isAnswered }) => isAnswered).length} answered); ` +
    `of ${old.length} accepted more than a second before the cut ${count(old)} are gone, of the ` +
    `${accepted.length - old.length} younger ones ${gone.size - count(old)}; the oldest that is gone was ` +
    `${Math.round(oldestMs)} ms old`
  );
}

function clientOf({ url }: StartedCopy) {
  return createHttpClient({ url, connections: flags.clients, timeoutMs: REQUEST_TIMEOUT_MS });
}
